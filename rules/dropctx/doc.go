// Package dropctx reports blocked states that are not passed on: results that
// nobody looks at, contexts and done channels that are ignored.
//
// # What it reports
//
// The dropped result of TryLock, TryRLock or TryAcquire, and the dropped error of
// Acquire with a context that can be cancelled. A send or a receive that does not
// look at the context which its function is given, while a lock or a token is
// held, or in an exported function; the channel is one that others know.
//
// A send or a receive that does not look at the done channel, or the context, of
// its object, where one of these shows that it should:
//
//   - at least two others of its kind do, and most;
//   - all who are on the other side of its channel leave when the object is over,
//     or close the done channel when they leave;
//   - somebody ends the object and then waits for this goroutine, which looks at
//     the end elsewhere; who is on the other side is not of the package, or may
//     have left.
//
// A select that waits for one of the answers that a goroutine may give, and not
// for the other, where another select waits for both and for the rest alike.
//
// # Why it is bad
//
// Without the result the code goes on as if it held what it does not hold, and
// then gives back what it never got. Who cancels a context or closes an object
// takes it that everybody leaves; one who does not may wait for ever, for a peer
// that has left, and so do those who wait for it.
//
// # What it writes
//
// The error of Acquire is tested and returned. A send or a receive becomes a
// select with a case on ctx.Done(), which returns the error of the context, or
// on the done channel. There it returns nothing, or the error that all return who
// give up for that channel, or what the function itself returns when another
// channel of the object is closed. A send that the function does without where
// its channel is nil is left out.
//
// # Why the edit keeps the meaning
//
// Where nothing is cancelled or closed, nothing changes: the operation is the
// same, its operands are evaluated where they were. What is held at the new return
// is given back by deferred calls.
//
// # When the edit is unsafe
//
// Always: it changes what happens when the context is cancelled or the object
// closed, which is what it is for (liveness). A select may leave although the
// other side is there as well; what follows a failed acquisition no longer runs,
// and what was begun before may be left unfinished.
//
// # When there is no edit
//
// When what is received is used, or the function has no error to return, or no one
// way to say that it gave up, or what to do with an answer is not known, or other results without a plain zero value
// (results). When the object has no name there (operands). When something held would stay
// so (outer). When the name of the context means another one there (names). When
// the result of an attempt is dropped: what to do without the lock is for a
// person to say (region).
//
// A wait for a goroutine of the function's own is not reported, nor one in a case
// that was chosen because something is over, or that such a case leads to. Nor one
// whose channel is closed, so that who waits is woken, or has a buffer, unless the
// send may be made again and again or who receives closes something when he leaves; one that is through before the object
// is over, because who ends it has waited for it or shares a lock with it; and the
// send of a goroutine that was started for it, which stays behind alone.
package dropctx
