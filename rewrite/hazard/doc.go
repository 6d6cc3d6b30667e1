// Package hazard makes the observations that rules read: operations under a
// resource, with call chain and peer, and why some of them are harmless.
//
// # What is foreign
//
// Most calls under a lock go through an interface or a function value, and most
// of those are harmless. What is not known from code is decided by custom; the
// customs are in package syncapi (methods) and package summary (function
// values), not here. Four groups remain foreign: what tells of an event (On…,
// Handle…, Connected, the methods of a Listener), verbs of effect on others
// (Close, Stop, Add, Register, Remove, Update, …), function parameters, and
// function values that are not known to be a clock, a factory, an option or a
// cancel function. Getters, iterators, encoders, stores and files are not.
//
// # What was cut, and why
//
// Each cut was made for a class of findings that reading them in six large
// repositories had shown to be wrong or of no use.
//
//   - A chain of more than three calls: somewhere on the way the code takes
//     another branch, or another implementation stands behind an interface.
//   - A test double as the implementation of an interface, and one of more than
//     four implementations: neither says what this call does.
//   - Of several holders of locks above one operation the nearest reports. When
//     the callee holds a lock of its own around the operation, the finding is
//     there; after that one is fixed, the next holder speaks up by itself.
//   - Methods of the locked object: tx.Lock(); tx.Put(k, v). The lock is there
//     for them.
//   - A lock with a name of its own (joinMu, not mu) that is taken at one place of
//     the package only means to have one such operation at a time. Calls of foreign code are left out
//     of this: they may come back to that very place.
//   - A wait for workers that end by themselves and never take the lock. A worker
//     that waits itself, for other than its input from the one who waits for it,
//     does not end by itself; unless only functions take the lock that nothing
//     in the package calls (Start and Stop): it cannot wait for those.
//   - Close of what the same body opened: nobody else has it.
//   - A channel with room that a function takes from and puts back to: a lock of
//     its own. One that was made just before, or whose one send a flag lets
//     through, has room for it.
//   - A channel semaphore named for reading or writing (readOnce): waiting is
//     what the next reader is meant to do.
//   - sync.Once: what it waits for is its purpose, and so is the function that it
//     is given. That this comes back for the same Once is a fault of its own.
//   - Files, processes that are started, datagrams, binding an address, the
//     buffer of an HTTP response: slow at worst, as contention.
//
// What is not cut: a select whose other case is the object's own quit channel.
// Who closes that channel often takes the lock first. Nor a receive from
// ctx.Done() alone, which waits for whoever cancels.
//
// # Protocols between goroutines
//
// The faults of waits and wakes (abandon.go, unlooped.go, lostwake.go, dropped.go,
// partner.go, stopped.go, partial.go, latepublish.go, self.go, timer.go, forsaken.go) follow paths, not values. Each cut below was made
// for a class of false alarms in real code.
//
//   - A receiver that gets the goroutine's other answer, on a channel that the same
//     goroutine sends on or closes, has not left it. What was received may say that
//     it was the last, where one goroutine sends. A loop without a condition has no
//     end but its return.
//   - A Cond.Wait in a helper that does not lock is judged where it is called.
//   - Of a condition that is waited for only comparisons count that end the wait by
//     themselves, and only writes whose direction their form tells. A condition of
//     which nobody signals a change has another protocol. Who waits for a change
//     himself may make it again.
//   - A channel that one function takes from and puts back to is a baton. Two
//     channels of one object that are only closed are two ends. A goroutine that
//     was given the context may be the one that is waited for.
//   - Who is left alone when an object is over is told from who was on the other
//     side: a select with a case for the end, a loop that closes something when it
//     leaves. A channel with a buffer shows that only in the second case, or where
//     the send may be made again and again. A slot that is given back does not wait, whatever those do who take one. A goroutine
//     that was started for the one send stays behind alone, and hurts nobody.
//   - A function that has seen its context cancelled, and waits all the same, means
//     to.
//   - Who changes what he waits for himself, and who returns since it had been
//     changed before, leaves nobody behind.
//   - A drain of a timer behind a test, or where another path sets the timer, may
//     know.
//
// Rejected: to report every wait of a function that has a context. Most are
// shorter than the context, or end with it in another goroutine.
//
// # Locks taken again, and in both orders
//
// Both rules speak of a lock only if the place that acquires it is seen to hold
// it on every path. What a name or a comment says of the caller is no proof: it
// gave false findings (a function locked to its thread, "cannot be called with
// the lock held").
//
// A lock is the same one if the same path leads to it from the same variable.
// Two of one type are reported only of two parameters that nothing compares, or
// where both orders of the two are seen. A method that was stored with its
// receiver takes the lock of that one, whoever calls it.
//
// A branch on the way to the lock makes a deadlock a hazard, two calls down at
// most; farther down, and where the locks of a cycle may be others besides, it
// is not worth a look. An argument that decides whether the lock is taken makes
// it silent: that is what the argument is for.
package hazard
