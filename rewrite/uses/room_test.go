package uses

import (
	"go/types"
	"testing"
)

func TestRoom(t *testing.T) {
	tests := []struct {
		claim, src string // the last send is on the channel
		n          int64
		size       string // what counts the sends; "" a number does
		ok         bool
	}{
		{"one send", `func g() { c := make(chan int); go func() { c <- 1 }(); <-c }`, 1, "", true},
		{"branches that exclude each other", `func g(b bool) { c := make(chan int); go func() { if b { c <- 1; return }; c <- 2 }() }`, 1, "", true},
		{"one after the other", `func g() { c := make(chan int); go func() { c <- 1; c <- 2 }() }`, 2, "", true},
		{"two goroutines", `func g() { c := make(chan int); go func() { c <- 1 }(); go func() { c <- 2 }() }`, 2, "", true},
		{"a loop of three turns", `func g() { c := make(chan int); for range 3 { go func() { c <- 1 }() } }`, 3, "", true},
		{"one for each element", `func g(l []int) { c := make(chan int); for range l { go func() { c <- 1 }() } }`, 0, "l", true},
		{"as many as a length", `func g(l []int) { c := make(chan int); for i := 0; i < len(l); i++ { c <- 1 } }`, 0, "len(l)", true},
		{"a slice that grows in between", `func g(l []int) { c := make(chan int); l = append(l, 1); for range l { c <- 1 } }`, 0, "", false},
		{"two for each element", `func g(l []int) { c := make(chan int); for range l { c <- 1; c <- 2 } }`, 0, "", false},
		{"a loop without end", `func g() { c := make(chan int); for { c <- 1 } }`, 0, "", false},
		{"made for each turn", `func g() { for { c := make(chan int); go func() { c <- 1 }() } }`, 1, "", true},
		{"made again", `func g() { c := make(chan int); c = make(chan int); c <- 1 }`, 0, "", false},
		{"a literal that is kept", `var f func(); func g() { c := make(chan int); f = func() { c <- 1 } }`, 0, "", false},
		{"a function that is given it", `func h(c chan int) { c <- 1 }; func g() { c := make(chan int); go h(c); c <- 2 }`, 2, "", true},
		{"others may send", `func g(keep func(chan int)) { c := make(chan int); keep(c); c <- 1 }`, 0, "", false},
		{"a field", `type s struct{ c chan int }; func g(v *s) { v.c = make(chan int); v.c <- 1 }`, 0, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.claim, func(t *testing.T) {
			p := load(t, tt.src)
			c, _ := p.ChanOf(p.lastSend().Chan)
			n, size, ok := p.Room(c)
			text := ""
			if size != nil {
				text = types.ExprString(size)
			}
			if ok != tt.ok || ok && (n != tt.n || text != tt.size) {
				t.Errorf("Room = %d, %q, %v, want %d, %q, %v", n, text, ok, tt.n, tt.size, tt.ok)
			}
		})
	}
}
