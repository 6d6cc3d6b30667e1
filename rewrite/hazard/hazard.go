package hazard

import (
	"go/ast"
	"go/token"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// A Kind says what the operation of an observation is.
type Kind uint8

const (
	Send      Kind = iota // ch <- v
	Receive               // <-ch
	Select                // select without default
	RangeChan             // for range ch
	Wait                  // WaitGroup.Wait and its like
	CondWait              // Cond.Wait while a second resource is held
	Sleep                 // time.Sleep
	IO                    // a file, a process or another machine
	Callback              // a func value or a method of an interface that others implement
	Acquire               // waits for a semaphore
	Call                  // a call whose summary does one of these
)

// A Level ranks an observation.
type Level uint8

const (
	Silent     Level = iota // proved harmless; Why says how
	Contention              // cannot deadlock in Go, or ends by itself
	Hazard                  // can block or come back while held, no peer shown
	Deadlock                // the peer is shown: the cycle is closed
)

func (l Level) String() string {
	return [...]string{"silent", "contention", "hazard", "deadlock"}[l]
}

// A Frame is one step of an explanation.
type Frame struct {
	Pos  token.Pos // NoPos when the place is in another package
	Text string
}

// An Observation is an operation while a resource is held.
type Observation struct {
	Pkg     *summary.Package
	Body    *lockset.Body
	Section *lockset.Section // nil when the caller holds the resource
	Op      *lockset.Op
	Act     summary.Act
	Held    lockset.Held   // the resource that is hurt: the one acquired last
	Others  []lockset.Held // what else is held
	Kind    Kind
	Ends    Kind // for Kind Call: what the chain of calls ends in; otherwise Kind
	Class   syncapi.Class
	Loop    ast.Stmt // innermost loop of the section that repeats the operation: *ast.RangeStmt or *ast.ForStmt; nil
	Drains  bool     // the loop takes an element out of a collection each time, for as long as there are some
	What    string   // "send on w.ready", "call of s.cb", for the message
	Why     string   // what it waits for, or why it is not worse than its level
	Callers []Frame  // where the callers call, that hold the resource; at most a few
	Chain   []Frame  // from the operation down to what blocks, for Kind Call; then where a channel that is sent on is made
	Bounded string   // what ends the wait: "ctx.Done()"; "" if nothing
	Peer    []Frame  // the other side, outermost first
	Level   Level
}
