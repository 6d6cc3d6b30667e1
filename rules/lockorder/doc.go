// Package lockorder reports locks that are taken in both orders.
//
// # What it reports
//
// A cycle of any length in the order of locks: one function takes b while it
// holds a, another, or the same, takes a while it holds b, themselves or down a
// chain of calls, in one package or in several of a project. Locks are told apart
// by the variable or by the field of the type that they are. All sides are
// shown, each with the way from the lock that is held to the one that is taken.
// Two locks of one field are reported only where both orders are seen: of an
// object and what hangs on it, or of two parameters that callers exchange. Two
// locks of one array are reported where each index is computed from a parameter of
// its own and nothing orders the two: another call comes with them exchanged.
//
// # Why it is bad
//
// Each of two goroutines holds the lock that the other one waits for. It takes
// the right moment, so tests pass for years.
//
// # What it writes
//
// Two acquisitions that follow each other change places, so that this side takes
// them in the order of the other one.
//
// # Why the edit keeps the meaning
//
// Nothing is done between the two acquisitions, so nobody can tell which came
// first. The second lock is the same without the first: no field on the way to
// it is ever written again. The other side has the new order already, so that no
// order is added and one of two is gone.
//
// # When the edit is unsafe
//
// In a cycle of more than two sides the new order is nobody's yet (order), and a
// comment may say that the order is meant (prose).
//
// # When there is no edit
//
// When something is done between the two acquisitions (trailing), when one of
// them is in a callee, in the caller or may fail (region), when the way to the
// second lock leads through what may change (operands), and when other places
// take them in the old order too, so that the cycle would remain (outer).
//
// # What is not reported
//
// A cycle all of whose sides hold one more lock around it: that one keeps them
// apart. TryLock. Readers of a lock that nobody locks for writing. A lock that is
// held on some paths only, or whose taking depends on an argument. A lock that is
// part of objects of two types is two locks; one that is picked by an index may
// be any of many, and so may those of a cycle of three objects. Two sides that no
// package of the project sees together, which lockfix graph shows, and those deep in
// other projects.
package lockorder
