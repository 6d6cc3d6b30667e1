// Package leaksend reports goroutines that send to a receiver which can leave
// first.
//
// # What it reports
//
// A goroutine that sends on an unbuffered channel, where only the function that
// started it receives, and that function can leave before: a select takes
// another case (ctx.Done(), time.After, the result of a rival), or a return comes
// ahead of the receive.
//
// # Why it is bad
//
// Once the receiver has left, nobody will ever take the value. The goroutine
// waits for ever, with everything that it holds: memory, a connection, a slot, a
// lock. Who waits for the goroutine waits for ever too.
//
// # What it writes
//
// A capacity: make(chan T) becomes make(chan T, 1), or as much as is sent at
// most. The send then finds room whether anybody receives or not, and the
// channel goes when nobody knows it any more.
//
// # Why the edit keeps the meaning
//
// The channel stays in its function, and on every path no more is sent on it
// than it has room for, so each value is received or dropped as before. A send
// that no longer waits can only be noticed by what follows it in the goroutine:
// nothing follows it but a return or the close of the channel.
//
// # When the edit is unsafe
//
// When the goroutine is one of a group, or defers a Done: whoever waits for the
// group may go on before the value was received (order). When a comment says
// that the channel has no buffer on purpose (prose).
//
// # When there is no edit
//
// When nobody can say how often is sent, or a loop sends (once). When something
// follows the send that others may see, when a send has a default or another
// case, which it would no longer take, and when the length or the capacity of
// the channel is asked for (trailing).
//
// A receiver that takes the value on every way out is not reported, nor is a
// send with another way, a channel that others know, and a function whose return
// ends the program.
package leaksend
