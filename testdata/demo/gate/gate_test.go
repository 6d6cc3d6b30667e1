package gate

import (
	"runtime"
	"testing"

	"example.com/demo/internal/bounded"
)

func TestLeaveWhileTheGateOpens(t *testing.T) {
	bounded.Run(t, func() {
		var g Gate
		ticket := g.Enter()
		go g.Open()
		for g.Waiting() > 0 {
			runtime.Gosched() // until Open is at it
		}
		ticket.Leave()
	})
}

func TestEveryoneGetsIn(t *testing.T) {
	bounded.Run(t, func() {
		var g Gate
		a, b := g.Enter(), g.Enter()
		go g.Open()
		a.Wait()
		b.Wait()
		for g.Enter() != nil {
			runtime.Gosched()
		}
	})
}
