// Package wakebatch reports loops that pop until nothing is left and wake as they
// pop, while a lock is held.
//
// # What it reports
//
// A send, a call of a func value, a call of a method that others implement, or
// a call that ends in one of these, inside a loop that takes an element out of a
// queue, heap, list or map each time, or moves the index that its condition looks
// at, inside a critical section of a lock.
//
// # Why it is bad
//
// What wakeloop says, and for longer: such a loop goes on for as long as there is
// something to hand out. A waiter that needs the lock before it can be woken
// stops everyone behind it.
//
// # What it writes
//
// Pop under the lock, gather, unlock, wake: what was popped is no longer than what
// the section held, and nobody gets in between two pops. Where nothing shows that,
// as with a ring or a channel-like queue, bounded batches: gather up to 32, unlock,
// wake them, lock again, go on until a batch stays empty. Code that is in this form
// already is not reported.
//
// # Why the edit keeps the meaning
//
// Permits, counters and the queue itself are changed under the lock, as before and
// in the same order. Whoever was popped is woken exactly once, by the one who
// popped it, and nobody else finds it in the queue any more. In batches, the
// condition and everything that the loop reads are evaluated anew after each time
// the lock was let go, and no index or element lives across it.
//
// # When the edit is unsafe
//
// Batches let others in between two of them (exclusion), which may find a permit
// that the loop would have handed out; and what was read ahead of the loop may no
// longer hold (stale). Otherwise as for wakeloop: payloads that may arrive in
// another order (order), waiters that are put back or woken by others as well
// (order, liveness), foreign code (not-needed, exclusion).
//
// # When there is no edit
//
// When what the wake yields decides about the next (results), when others would
// see the state without what follows the loop (window), when a round that ends the
// loop has changed something before it does (once), and for all that wakeloop
// names.
package wakebatch
