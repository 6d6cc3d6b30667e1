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
//   - A channel semaphore named for reading or writing (readOnce): waiting is
//     what the next reader is meant to do.
//   - sync.Once: what it waits for is its purpose, and so is closing once what one
//     owns. Only function values are reported, which may come back.
//   - Files, processes that are started, datagrams, binding an address, the
//     buffer of an HTTP response: slow at worst, as contention.
//
// What is not cut: a select whose other case is the object's own quit channel.
// Who closes that channel often takes the lock first. Nor a receive from
// ctx.Done() alone, which waits for whoever cancels.
package hazard
