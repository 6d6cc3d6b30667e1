// Package tokenheld reports operations that wait for others, or call back, while
// a token is held.
//
// # What it reports
//
// What blockheld, wakeheld and wakeloop report under a lock, while a token is
// held: a slot of a semaphore or of a channel used as one, in either direction,
// or a value with Release, Done or Close that a call or an item handed out.
//
// # Why it is bad
//
// Whoever would end the wait may need a token first. A stage of a pipeline that
// keeps the token of the item it consumed until its own send is through stops
// the stage before it; when the slowest stage waits for that one, nothing moves
// any more.
//
// # What it writes
//
// Release, then block: the release moves before the operation. A deferred
// release becomes explicit on every path.
//
// # Why the edit keeps the meaning
//
// A consume token says that its item is taken care of. It came with the item,
// nothing after the send needs it, and giving it back earlier lets one more item
// be produced, which is what it is there for. It is given back exactly once on
// every path, as before.
//
// # When the edit is unsafe
//
// A counting slot that is taken here bounds the work in flight, and giving it
// back before the operation loosens that bound (bound). Some pipelines hold a
// token on purpose, for back-pressure; where a comment says so, the edit is
// unsafe (prose).
//
// # When there is no edit
//
// When what follows the operation needs the token (trailing), when the token is
// released elsewhere or handed on (region), when it is released by a value that
// the operation sends away (operands), and when a panic between the two would
// leave it held (defer).
package tokenheld
