// Package lockset computes which resources are held at each point of a function
// body, on every path (must) and on some path (may), and the critical sections
// that follow from it. It is pure: what a call does to locks it asks a function
// ([Env]), which package summary supplies; so the two can depend on each other's
// results without depending on each other.
//
// # Decisions
//
// Identity is a path: the variable where it starts, and the fields from there.
// A local variable that is assigned once stands for what it was given, so s.mu
// and mu after mu := &s.mu are one. A path through an index, a call or a
// reassigned variable is kept, by its text, and marked not Stable: good enough
// to report under, not to edit.
//
// A literal that runs where it stands (called at once, deferred, given to
// sort.Slice or Once.Do, bound to a variable that is only called) is part of the
// body it runs in and starts with what is held there. All others are bodies of
// their own and start free, except for tokens that they give back: those were
// handed to them.
//
// Deferred calls run at each exit, the latest first, on the state there. A defer
// in a branch runs for what was acquired on paths that registered it, and not for
// the rest: each acquisition knows the defers that are registered wherever it is
// held. Rejected: a state for each set of defers, of which there are 2^n.
//
// A fallible acquisition (TryLock, Acquire with an error) is held where its
// result was tested, directly or through the variable that it was assigned to.
// What is nil is not held, and who releases it where it is not nil releases it.
package lockset
