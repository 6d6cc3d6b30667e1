// Package relock reports locks that are taken again while they are held.
//
// # What it reports
//
// A mutex that is locked while the same goroutine holds it, in one function or
// down a chain of calls, across packages; a read lock inside a read lock of the
// same RWMutex; a read lock that is to become a write lock; sync.Once.Do inside
// the function that it runs. A lock of another object of the same type only
// where it may be the same object: of two parameters that nothing compares.
//
// A call through an interface counts with what the types behind it do, in the
// package of the interface and in this one, where the way back to the held lock is
// seen: the object whose lock is held is an argument, or was given to the object
// that is called, or a getter told both. The finding names the method behind the
// interface, and is a hazard as long as another type could stand there. A method
// that takes the lock which its own comment says its caller holds is reported
// where no caller is seen.
//
// # Why it is bad
//
// Go's locks do not know who holds them. The second Lock waits for an Unlock that
// comes behind it, so the goroutine stops for good, and with it all that need
// the lock. A second RLock stops when a writer waits between the two: the writer
// lets no new reader in, and waits for this one to leave.
//
// # What it writes
//
// A call of the method's twin that leaves the lock alone, where there is one
// (flushLocked of Flush): the callee does nothing else under its lock than call
// it, or both have the same code. The read of the field itself, where the callee
// is a getter. Otherwise the call moves ahead of the lock that it follows, or
// behind the unlock that follows it. Where it can do neither, the twin is made: what
// the callee does under its lock becomes a method of its own, which both call. A
// second Lock in one list with the first,
// where nobody releases either, becomes the Unlock that was meant.
//
// # Why the edit keeps the meaning
//
// The twin, or the field, is used under the lock that the callee would have
// taken, held as the callee would have held it, with the same receiver and
// arguments, and gives the same results. Nobody can get in between, as before. A
// twin that is made holds the statements of the callee unchanged; what they defer
// still runs ahead of the unlock.
//
// # When the edit is unsafe
//
// Where the call leaves the section, others can get in between: what the section
// read before, or what the call yields, may be old by then (stale). Behind an
// interface another type may stand, which counts on the lock (not-needed). Where
// only a comment says that the caller holds the lock, the twin believes it
// (exclusion). What follows a Lock that was meant to be an Unlock could need the lock (exclusion).
//
// # When there is no edit
//
// When the lock is taken again in the very function, and is released too or left
// in between (region), when the callee
// takes it in the midst of other things or none does what it does without
// (region, results), when the lock is held for reading and the callee writes
// (exclusion), when receiver or arguments would have to be evaluated twice or
// elsewhere (operands), and when the call stands between other things of the
// section (trailing). No twin is made of a callee that opens its section in between
// or uses the lock itself (region), defers something behind its unlock (defer),
// asks in which function it runs (results), has parameters without names, or whose
// twin's name is taken, in files that were not looked at neither (names).
//
// # What is not reported
//
// A lock that is held on some paths only, TryLock, a lock whose taking depends
// on an argument, one that the callee gives back first, one that only a name says
// is held, parents, elements and whatever else only has its type in common. A
// goroutine that takes the lock and is waited for under it is a finding of
// blockheld, a deferred Lock that was to be an Unlock one of lockleak.
package relock
