// Package waitloop reports waits on a condition that are not repeated while the
// condition does not hold.
//
// # What it reports
//
// A call of Cond.Wait that is guarded by an if statement, or by nothing, where
// what runs next goes on as if the condition held.
//
// # Why it is bad
//
// When Wait returns, somebody has signalled; nothing more. Between the signal and
// the return another goroutine may have taken what was there, and a Broadcast
// wakes everybody although there is work for one. A wait without any test misses
// a signal that came before it, and then waits for the next one, which may never
// come.
//
// # What it writes
//
// The if becomes a for: the condition is tested again each time Wait returns.
//
// # Why the edit keeps the meaning
//
// The wait is all that the branch does, and the condition is only read, so that a
// second round does nothing that the first did not. Whoever signals has made it
// false: who finds it true again has been overtaken, and the next signal is for
// him.
//
// # When the edit is unsafe
//
// When some signal comes from a function that need not have made the condition
// false: it would no longer end the wait (liveness).
//
// # When there is no edit
//
// When something stands beside the wait in its branch, or in another branch, or
// the if statement begins with a statement of its own (once). When evaluating the
// condition may do something (operands). When nobody else changes what the
// condition reads, or there is no condition: what is waited for must be written
// down first (region).
//
// A wait in a loop is not reported, nor one behind which the condition is tested
// in another way, nor a helper whose callers hold the lock and wait in a loop.
package waitloop
