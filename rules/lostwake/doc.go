// Package lostwake reports waits that nobody ends.
//
// # What it reports
//
// A function that changes what others wait for with a sync.Cond, under its lock
// and in the direction that ends the wait, and does not signal the condition, or
// returns before it does, while others that make such a change signal it. A
// condition that nobody signals, and a receive from a channel that nobody sends
// on or closes, where no other package can. A goroutine that returns without
// closing the channel that others wait for, which it closes on other paths. A
// write, behind a close, a Done, a cancel or a send without a buffer, of what those
// read who are woken by it.
//
// # Why it is bad
//
// Who waits tests the condition only when it is woken. A change that nobody tells
// of is seen by chance, with the next signal, or never. What is written behind the
// wake may be read before it is there.
//
// # What it writes
//
// A Broadcast behind the change, or ahead of the early return; a Signal where one
// place waits, everybody else signals and a number goes up or down by one. A write
// that comes too late changes places with the wake ahead of it.
//
// # Why the edit keeps the meaning
//
// The signal does not block and runs no foreign code. Whoever wakes tests in a
// loop whether to go on, so that a wake too many is none. It is sent under the
// lock, so that nobody who has tested before the change misses it. A wake and the
// write behind it are neighbours, and name nothing of each other: only who was
// woken can tell which comes first.
//
// # When the edit is unsafe
//
// When somebody waits without testing again, or the condition is known to other
// packages, which may (liveness). When the wake is a send: it may wait for its
// receiver, and others may read what is written meanwhile (exclusion).
//
// # When there is no edit
//
// When the change is not made under the lock of the condition, or is no statement
// of its own (region), or the condition is not a field beside what changes
// (operands). When statements stand between a wake and the write that comes too
// late (region), or what is written is computed, or follows a pointer that the wake
// does not follow, and may panic ahead of it (operands). Where nobody signals,
// sends or closes at all, or a goroutine skips its close, who should is for a
// person to say.
//
// A change whose direction is not told by its form is not reported, nor one that
// a caller signals, one under a test whether to signal, one of an object that was
// just made, and a condition of which nobody keeps to that protocol. Nor is a
// write behind a wake that follows an earlier one in its function, is made under a
// lock that is held from the wake on, or belongs to the next round of a loop; one
// that an answer comes ahead of, or a second wake tells of; one behind a send with
// a buffer, which may acquire a semaphore. A local
// channel that its own function receives from is meant to block.
package lostwake
