// Package simulate runs one schedule of a small concurrent program and says what
// could be seen of it. It stands in for sync in instrumented
// programs, which are built with a copy of it.
//
// # How a schedule comes about
//
// A program runs in a bubble of testing/synctest. Each operation on a lock or a
// channel sleeps for a pseudo-random time before and after
// ([Yield]), and time is fake, so that these times decide the order of all such
// operations, and no step costs real time. Goroutines that start or wake at the same
// instant draw their times in the order in which Go's scheduler runs them: a seed
// gives a mixture of orders and not one order for ever, which is all that sets of
// outcomes need. What a program does between them needs no yields: if it
// is free of races nobody can tell when it happens, and if it is not, the race
// detector says so whatever the order.
//
// A bubble does not regard a goroutine that waits for a sync.Mutex as blocked, so
// the types here wait on channels.
//
// # What the race detector sees
//
// Fake sleeps do not order memory accesses for the detector. Everything that this
// package does for itself is hidden from it (runtime.RaceDisable, go:norace), and
// the edges that the real types make are told to it one by one, as package sync
// does. [Schedule] counts the reports.
//
// # The end of a run
//
// The root of the bubble sleeps for longer than any program takes. If goroutines
// are left by then they wait for ever: a deadlock. The panic of synctest for that
// case can be recovered, but would leave the goroutines behind, and the race
// detector bears some thousands of them only. So whatever waits here also waits
// for the end of the run: the root ends what is left, one goroutine at a time, so
// that what they defer does not race.
//
// Rejected: a scheduler of its own that replaces channels. It would be faster,
// and one more implementation of select, close and nil channels to be wrong.
package simulate
