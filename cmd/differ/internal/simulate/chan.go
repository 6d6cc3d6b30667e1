package simulate

import "iter"

// Send is a send statement. The value is given to its result, so that the
// compiler converts it to the type of the elements.
func Send[T any](ch chan<- T) func(T) {
	return func(v T) {
		Yield()
		since := now()
		select {
		case ch <- v:
		case <-Dead():
			stuck(since)
		}
		Yield()
	}
}

// Recv is a receive.
func Recv[T any](ch <-chan T) T {
	v, _ := Recv2(ch)
	return v
}

// Recv2 is a receive that also says whether the channel was open.
func Recv2[T any](ch <-chan T) (v T, ok bool) {
	Yield()
	since := now()
	select {
	case v, ok = <-ch:
	case <-Dead():
		stuck(since)
	}
	Yield()
	return v, ok
}

// Range ranges over a channel.
func Range[T any](ch <-chan T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for {
			v, ok := Recv2(ch)
			if !ok || !yield(v) {
				return
			}
		}
	}
}

// Close is close.
func Close[T any](ch chan<- T) {
	Yield()
	close(ch)
	Yield()
}
