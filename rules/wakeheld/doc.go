// Package wakeheld reports a callback that is run while a lock is held.
//
// # What it reports
//
// A call of a func value, a call of a method that others implement, or a call
// that ends in one of these, once, in a critical section of a lock. A deferred
// call counts when it runs before the deferred unlock does: defer s.Close()
// written after defer s.mu.Unlock() runs under the lock.
//
// # Why it is bad
//
// The code behind a callback is not in sight here. It may call a method of this
// object and wait for the lock that its caller holds, today or after a change
// by someone who has not read this function.
//
// # What it writes
//
// Capture, unlock, call. The func value and its arguments are captured under the
// lock. Where the call stands last, the unlock moves before it. In a function of
// many returns under a deferred unlock the call is registered as a defer before
// the lock is taken, so that it runs after the unlock, or the section becomes an
// inner function that says whether to call. A helper that is called with the lock
// held returns what to call, and each of its callers calls it after its unlock.
//
// # Why the edit keeps the meaning
//
// Operands are evaluated where they were, by value. The call happens as often as
// before on every path, and nothing that stays under the lock used its result or
// saw its effect. The unlock still runs on every return and panic.
//
// # When the edit is unsafe
//
// What foreign code needs is not known: that it does not rely on the lock
// (not-needed), on being excluded by it (exclusion) or on the order in which
// callers locked (order) is assumed and named. A comment that says the function
// is called with the lock held lowers the edit the same way (prose).
//
// # When there is no edit
//
// When the result of the call is used in the section (results), when the rest of
// the section depends on it (trailing), when another lock stays held (outer),
// when the arguments read what the lock guards and cannot be captured
// (operands), and when the lock is taken by TryLock, released through a func
// value or handed to the caller (region). When not all calls of a helper are seen
// (region), it has results already (results), or one of its callers cannot call
// after its own unlock.
package wakeheld
