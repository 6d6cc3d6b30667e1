// Package lockleak reports locks and tokens that a path leaves held, and releases
// that do not fit.
//
// # What it reports
//
// A return, the end of the function or the next turn of a loop that is reached
// with a lock or a token held which other paths of the function release; the same
// for a panic where the function recovers. A variable that is to release it, by a
// function literal that it holds, and is dropped on a path. A deferred Unlock in
// a loop that locks again. A lock that a function takes and nobody at all
// releases: a local variable that goes nowhere, or an unexported one of which
// every release in the package ends an acquisition of its own function. An Unlock
// of a lock that nobody can have taken, by a helper too that other callers hold
// it for. An Unlock of what was locked by RLock, and the other way round. A
// deferred Lock where the lock is held already. An Unlock of what was unlocked
// before, or of what a goroutine unlocks that was started before, on every path. An
// Unlock of the elements of a list that were all unlocked before they came into it.
//
// A value that was received from a channel and carries a token, a field that
// somebody releases (m.release(), m.slot.Release(), m.wg.Done()): dropped on a path
// of a function that releases it on another, or copied into a new value of its
// type without the token.
//
// # Why it is bad
//
// Whoever wants the lock next waits for ever, and nothing tells him why: the
// goroutine that left it held has long gone on. A slot of a semaphore that is
// not given back makes it smaller; when the last one is gone, all stand still. A
// release of what is not held ends the program.
//
// # What it writes
//
// The release ahead of the return or continue that lacks it, and the value that
// is returned ahead of the release where the lock may guard it. Where that cannot
// be, the release becomes a defer right behind the acquisition and the explicit
// ones go. A release in another mode gets the mode of the acquisition, and a
// deferred Lock right behind a Lock becomes an Unlock. Where a variable that is to
// release it is dropped on paths that fail, a release is deferred for when the
// function's error is not nil. The token of a value is released ahead of the return or
// continue that drops it, and copied with the rest.
//
// # Why the edit keeps the meaning
//
// The resource is held at that place on every path that comes by (region), the
// release is one that another path makes, and each of its names means the same
// there (names). What is returned is not guarded, or was read before (operands).
// Nothing else releases it, in this function or in another one of the package. A
// defer takes the place of releases that nothing ran behind (trailing), so that
// each path still releases once (once).
//
// # When the edit is unsafe
//
// When code of other packages can name the lock, and could release it later
// (exclusion). When a function that was given what releases it could have done so
// before it failed (exclusion). When a comment speaks of a lock that stays held (prose). For the
// token of a value: whoever put it there may not want it back on that path, or from
// the copy (bound).
//
// # When there is no edit
//
// When some paths come by without the resource (region). When the lock is reached
// through an index or a variable that changes (region). When what is returned is
// computed by a call and the releases have code behind them (operands, trailing).
// When a section that ends in the wrong mode writes, so that the wrong one may be
// the Lock (window). For a defer in a loop and a double release: there is more than
// one way to mend them. For a dropped variable, when the function's error has no
// name (names) or a path that drops it may return none (region). For a lock that is
// never released, or never taken: where its section was to end, or begin, is not
// known. When no statement says where a value is dropped, or a comment stands in
// the copy (region), or what is returned is taken from the value (operands).
//
// # What is not reported
//
// Functions that hand the lock to their caller: by their name or comment, because
// a caller or another function of the package releases it, because all paths that
// keep it say that all went well and others say that it did not, or because they
// return what it belongs to. The branch where TryLock failed. A lock
// that others can reach and may release: a parameter, an exported field, one whose
// address or whose Unlock is kept somewhere. Paths that
// conditions rule out which are spelled alike. Exits of the program. A panic that
// nobody recovers. A lock that is taken twice in a row: nobody comes to where it
// would be released, and relock reports the second one. A goroutine that may leave
// without its Unlock, or a lock that another function leaves locked, perhaps for
// this one. Elements of a list that somebody else filled or locks. A value that is handed on,
// that others have besides, whose token is nil there, or that has an error beside
// it, which may say that there is none.
//
// # Why tokens of values are here
//
// The token is a resource that is held, and a path that drops its value leaves it
// held. cancelguard was the other home: but it looks for what is handed out by
// calls that everybody knows, and asks for a defer behind it; here the type says
// what is to be released, and other paths say how.
package lockleak
