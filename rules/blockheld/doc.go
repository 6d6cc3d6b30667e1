// Package blockheld reports operations that wait for others while a lock is
// held.
//
// # What it reports
//
// A send, a receive, a select without default, a range over a channel, a wait
// for a group or a process, a wait on a condition while a second lock is held, a
// sleep, network or file I/O, the acquisition of a semaphore, or a call that
// ends in one of these, in a critical section of a lock. Also the acquisition of
// another lock under one whose declaration says //lockfix:lock leaf.
//
// # Why it is bad
//
// Whoever would end the wait may need the lock first. Then both wait forever,
// and so does everyone else who comes for the lock. Without that cycle the lock
// is still held for as long as the slowest peer takes.
//
// # What it writes
//
// The operation moves behind the unlock, its operands captured under the lock.
// Where the section goes on after it, unlock, operate, lock again; that is
// always unsafe, because what was read before is stale after. A helper that is
// called with the lock held returns what to do, and each of its callers does it
// after its unlock.
//
// # Why the edit keeps the meaning
//
// The operation runs on the same paths, as often, with the same operands. What
// others see once the lock is down is complete. Nothing under the lock waited
// for the operation to have happened, and the operation waited for nothing under
// the lock.
//
// # When the edit is unsafe
//
// When two holders may deliver in another order than they locked (order), when
// the lock may have kept two operations apart (exclusion), when a comment says
// that the lock is held on purpose (prose), and always where the lock is taken
// again (stale).
//
// # When there is no edit
//
// When the channel can be closed between the unlock and the send (open), when
// what is received is used in the section (results), when the rest of the
// section depends on the operation (trailing), when another lock stays held
// (outer), when the lock is there to serialise a connection or a writer, and
// when the lock is taken by TryLock, released through a func value or handed to
// the caller (region). A wait on a condition releases only its own lock; which
// of two locks should give way is for a person to say, and so it is under a leaf.
//
// Of a helper all calls must be seen (region), it must have no results already
// (results), and each caller must be able to do it after its own unlock.
//
// Sends with a default, sends that the capacity of the channel covers, close,
// Signal and Broadcast do not wait and are not reported.
package blockheld
