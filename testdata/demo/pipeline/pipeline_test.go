package pipeline

import (
	"testing"

	"example.com/demo/internal/bounded"
)

// The sink takes from the left lane when the right one has something, and the
// source gives the right lane something when the left one has consumed.
func TestSinkNeedsBothLanes(t *testing.T) {
	bounded.Run(t, func() {
		left, right := NewLane(), NewLane()
		go left.Run()
		go right.Run()
		go Distribute([][]int{{1, 2}, {3, 4}, {6}, {8}}, left, right)
		pairs := Zip(left, right)
		if len(pairs) != 2 || pairs[0][0].Seq != 0 || pairs[1][1].Seq != 3 {
			t.Errorf("paired %v", pairs)
		}
	})
}

func TestNothingToPassOn(t *testing.T) {
	bounded.Run(t, func() {
		lane := NewLane()
		go lane.Run()
		go Distribute([][]int{{1}, {3}}, lane)
		if m, ok := <-lane.out; ok {
			t.Errorf("got %v", m.Rows)
		}
	})
}
