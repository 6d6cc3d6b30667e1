// Package duty finds the paths through a function body on which what was begun
// is not ended: a lock that is not released, a cancel function that is not
// called. It knows control flow and variables; what begins and what ends a duty
// it is told.
//
// # How
//
// All paths from the start of the body are walked. What is remembered on the way
// is small: whether the duty is begun, whether a deferred call will end it, which
// variables hold it, and what the conditions that are tested more than once
// turned out to be. Two paths that agree in that are one. Where there are too
// many, nothing is said.
//
// What paths ask of a node is read once a body, for all its duties ([Code]): in large
// bodies to spell conditions took most of the time. What a walk has found is told again
// after an edit elsewhere in the package ([Memo]).
//
// # Decisions
//
// A path is one that can be taken: conditions that are spelled alike and whose
// variables were not assigned in between agree. So the lock of
//
//	if c { mu.Lock() }; …; if c { mu.Unlock() }
//
// does not leak. Fields are taken to keep their value too: that hides paths, and
// hiding a path never makes a false report.
//
// Whoever gets the thing has the duty: an argument, a result, a field, a channel,
// another goroutine. Only a local variable of the same function leaves it here. A
// function literal that ends the duty, and a composite literal that holds the
// thing, stand for it: a path that drops their variable drops the duty.
//
// A deferred call ends the duty on every exit after it was registered, whatever
// it looks at when it runs.
//
// A panic is no exit, unless a deferred call of the body recovers it: elsewhere
// the program ends, or who recovers is not seen.
package duty
