// Package cancelguard reports contexts, listeners, connections and the like that a
// path leaves behind without their being cancelled, stopped or closed.
//
// # What it reports
//
// What these calls hand out, when some path neither ends it, nor defers its end,
// nor gives it to somebody: context.With… and signal.NotifyContext (the cancel
// function), time.NewTicker (before Go 1.23, from where on the garbage collector
// stops it), net and tls listeners and connections, rows, transactions and
// connections of database/sql, the body of an HTTP response. A path is a return,
// the end of the function, the next turn of a loop, an assignment that overwrites
// it, or a panic where the function recovers. Whoever gets it as an argument, a
// result, through a field, a channel or a goroutine has the duty from there on. A
// local variable that takes it over, wrapped or not, leaves it in the function:
// then it is reported there. So does a field of an object that the function has
// made and that nobody else knows yet: who drops the object drops what it keeps. A
// goroutine that alone uses it has to end it on each of its paths. A cancel
// function that is thrown away at once is reported too, and a timer that is set
// again and again and runs on when the function returns, and a group of
// errgroup.WithContext that a path leaves without Wait, unless a deferred cancel
// ends the context above it.
//
// Since Go 1.23 the garbage collector takes tickers and timers that nobody knows
// any more, so that these are reported for an older go line of go.mod only.
//
// # Why it is bad
//
// What waits for the context waits on. Each goroutine, timer and connection that
// stays behind is one less; a pool of connections without a free one is a
// deadlock of all who ask it.
//
// # What it writes
//
// A defer right behind the creation, or behind the test of its error. Where the
// thing is handed on by other paths, the end goes ahead of each return or continue
// that lacks it; or the context is made later, behind what leaves without it. What
// a goroutine alone has is ended by a defer of the goroutine. In a loop, a cancel
// function that was thrown away gets a name, and is called where the turn used the
// context last. A group gets a context of its own, and a deferred cancel.
//
// # Why the edit keeps the meaning
//
// Nobody but this function has the thing, so that it ends with the function
// anyway; ending it twice is ending it once (once). Nothing that outlives the
// function waits for the context (not-needed). The statement is in no loop
// (defer). Ahead of a return, every path to there has it and gave it to nobody
// (region), and what is returned is no call that could need it (operands). A
// context that is made later is the same one: nothing in between uses it or changes
// its parent (operands). A call at the end of a turn is reached, as nothing jumps
// away in between (region); a panic there leaves the context behind as before.
//
// # When the edit is unsafe
//
// When the context was given to a call, which may have kept it, or to a goroutine
// that ends with the function on the other paths (not-needed), or the thing to a
// variable that the path drops (liveness). When a group that is cancelled may still
// run something when a path leaves (liveness).
//
// # When there is no edit
//
// In a loop, where a path ends a turn without a continue (defer, region). When the
// error is not tested right behind the creation (region). When what comes of the thing goes
// elsewhere, as the rows of a connection do (once). When the context is returned
// or stored, what came of it may be used after the turn, or a group is waited for on
// no path (not-needed). When the body
// of a response may be missing (operands).
//
// # What is not reported
//
// Files, which the garbage collector closes. Semaphores: their slots are
// lockleak's. What the function main leaves behind. The paths on which the
// creation failed, or on which the thing was compared with nil and was nil. What
// an earlier function literal uses, a deferred one for instance. A context that a
// goroutine alone has: mostly it leaves because the context has ended. A timer that
// fires once. What tests and their helpers leave to the end of their process.
package cancelguard
