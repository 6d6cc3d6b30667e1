// Package selfblock reports goroutines that wait for themselves.
//
// # What it reports
//
// WaitGroup.Wait in the loop that starts the goroutines of the group, one a turn.
// A goroutine that waits for its own end: for a group whose Done it defers, or for
// a channel that it closes when it is through, directly or in a function that it
// calls. A send on an unbuffered channel that only the same run of the same
// function receives from. The receive of
//
//	if !t.Stop() { <-t.C }
//
// behind another receive from t.C, or another Stop, when the timer was not set
// again.
//
// # Why it is bad
//
// Nobody else can end the wait. A Wait in the loop lets no two goroutines run
// beside each other; where Add has counted all of them before, it waits for those
// that the loop has yet to start. A timer sends once: what was received does not
// come again. As of Go 1.23 Stop takes back what was sent and not received, and
// returns true for it, so that a receive behind a Stop that returned false can do
// nothing but block.
//
// # What it writes
//
// The Wait moves behind the loop. The channel gets room for what is sent. The
// receive from the timer takes what is there, if anything.
//
// # Why the edit keeps the meaning
//
// What never ended had no meaning to keep: the second goroutine was never
// started, nothing behind the send has run. A Stop that returned false says that
// the timer had sent before, so that the select finds what the receive would have
// found.
//
// # When the edit is unsafe
//
// Goroutines that ran one after the other run beside each other, and may not be
// made for that (exclusion).
//
// # When there is no edit
//
// When the turn of the loop goes on behind the Wait (trailing), or something else
// leaves the loop (region), or the goroutine reads a variable that all turns share,
// as before Go 1.22 (operands). When how often is sent is not known (once). When the
// time that the timer sent is used (results). Where a goroutine joins itself, who
// should wait instead is for a person to say.
//
// A batch of goroutines a turn is not reported, nor a wait beside which something
// else is done, a go statement that waits, or a drain behind a test that may know
// whether the timer was drained. A timer that other functions receive from is not
// shown either: as of Go 1.23 that is ranked as contention.
package selfblock
