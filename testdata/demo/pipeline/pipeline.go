// Package pipeline has stages that pass morsels of rows on to each other.
package pipeline

import "sync"

// A Morsel is some rows of a stream.
type Morsel struct {
	Seq   int
	Rows  []int
	token *ConsumeToken
}

// A ConsumeToken keeps the source from going on while its morsel is worked on.
type ConsumeToken struct{ consumed *sync.WaitGroup }

// Release says that the morsel is consumed.
func (t *ConsumeToken) Release() { t.consumed.Done() }

// TakeConsumeToken hands the token out, to be released by the caller.
func (m *Morsel) TakeConsumeToken() *ConsumeToken {
	t := m.token
	m.token = nil
	return t
}

// Distribute is the source: it deals the batches out to the lanes in turn, each
// when the one before it is consumed.
func Distribute(batches [][]int, lanes ...*Lane) {
	for seq, rows := range batches {
		var consumed sync.WaitGroup
		consumed.Add(1)
		lanes[seq%len(lanes)].in <- &Morsel{Seq: seq, Rows: rows, token: &ConsumeToken{&consumed}}
		consumed.Wait()
	}
	for _, l := range lanes {
		close(l.in)
	}
}

// A Lane keeps the even rows of its morsels.
type Lane struct {
	in  chan *Morsel
	out chan *Morsel
}

// NewLane returns a lane that holds no morsel back.
func NewLane() *Lane { return &Lane{in: make(chan *Morsel), out: make(chan *Morsel)} }

// Run works until the source is done.
func (l *Lane) Run() {
	for m := range l.in {
		token := m.TakeConsumeToken()
		even := keepEven(m.Rows)
		if len(even) == 0 {
			token.Release() // nothing to pass on
			continue
		}
		// It keeps its number.
		l.out <- &Morsel{Seq: m.Seq, Rows: even} // wait for the next stage
		// The source may go on.
		token.Release()
	}
	close(l.out)
}

func keepEven(rows []int) []int {
	var even []int
	for _, r := range rows {
		if r%2 == 0 {
			even = append(even, r)
		}
	}
	return even
}

// Zip pairs the morsels of two lanes, as many as both have. It looks at the
// right one first.
func Zip(left, right *Lane) [][2]*Morsel {
	var pairs [][2]*Morsel
	for r := range right.out {
		l, ok := <-left.out
		if !ok {
			break
		}
		pairs = append(pairs, [2]*Morsel{l, r})
	}
	return pairs
}
