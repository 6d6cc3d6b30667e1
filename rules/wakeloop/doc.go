// Package wakeloop reports loops that wake, call back or send to each element
// while a lock is held.
//
// # What it reports
//
// A send, a call of a func value, a call of a method that others implement, or
// a call that ends in one of these, inside a loop inside a critical section of a
// lock.
//
// # Why it is bad
//
// A send waits until its receiver is ready, and the receiver may be waiting for
// the very lock. A callback may come back for it. With one waiter that is a rare
// accident; with a list of them the slowest, or the one that has already left,
// holds up everyone.
//
// # What it writes
//
// Collect, unlock, wake. The list is taken when the section empties it anyway
// (its field gets nil or a fresh value), cloned when it stays, and gathered
// element by element when the loop filters, deletes or computes. Under a
// deferred unlock the wakes become an earlier defer, which runs after the unlock
// on every return and panic.
//
// A helper that is called with the lock held returns whom to wake, and each of its
// callers wakes them after its unlock.
//
// # Why the edit keeps the meaning
//
// Taking the whole list is atomic for waiters that arrive meanwhile: they are in
// the new list. What is sent is evaluated and captured under the lock, as
// before. Nothing that stays under the lock depends on the wake having happened.
// A one-shot waiter, removed in this section, hears of it exactly once however
// the goroutines interleave.
//
// # When the edit is unsafe
//
// When the elements stay registered, two holders may deliver in another order
// than they locked (order), and an element unregistered after the unlock may
// still be woken (liveness). When foreign code is called, that it does not need
// the lock (not-needed) or use it to exclude itself (exclusion) is assumed.
//
// # When there is no edit
//
// When the channel can be closed between the unlock and the send (open): a
// channel that is closed under a lock must be sent to under that lock. When what
// the wake yields is used in the section (results), when the rest of the section
// depends on it (trailing), when an outer lock stays held (outer), when the
// moved part writes what the lock guards (window), and when the lock is taken
// by TryLock, released through a func value or handed to the caller (region). When
// not all calls of a helper are seen (region), it has results already (results), or
// one of its callers cannot wake after its own unlock.
package wakeloop
