// Package fix decides: strategies, each a function from the observations of one
// critical section to a plan or a refusal, and the obligations, each a named
// predicate with evidence. It edits nothing.
//
// # How a plan comes about
//
// [Decide] looks at one section. The strategies are tried in this order, and
// the first that is not refused makes the plan:
//
//	release earlier        a token is given back before the operation
//	move, take, clone      whole statements leave the section, their collection detached
//	deferred wake          the operation is registered ahead of the lock and runs after the deferred unlock
//	section as a literal   the section becomes a function literal, what follows runs without the lock
//	gather                 a loop or branch stays, what it would wake is collected
//	batch                  the same in bounded batches, the lock let go in between; never safe
//	unlock around          the section is opened for a wait; never safe
//
// A lock that the caller holds is another matter. There is one strategy:
//
//	return the waiters     the helper returns what it would do, each caller does it after its unlock
//
// A statement may leave when everything in it was looked at ([section.leave]):
// what it reads cannot change ([section.steady], fields that are never written
// again), is its own, or is captured before the release; it writes nothing that
// the lock may guard; every branch stays inside. What stays behind it must be
// calm ([section.calm]): it cannot tell whether the operation has run.
//
// [Mend] plans the edit of one fault; mend.go lists the strategies of each sort.
// An edit that never ended before is safe when nothing else can notice it; one that
// lets a wait end in a new way (ctx.Done()) never is.
//
// What a path leaves held is released by what another path does:
//
//	release before leaving   the missing release goes ahead of the return or continue
//	defer                    explicit releases become a deferred one
//	same mode, unlock instead  the other method of the same lock
//	defer, end before leaving, name and defer  the same for what a call hands out
//
// A call that takes the lock again which is held around it gives way:
//
//	twin, read itself        the method that leaves the lock alone, or the field
//	call before, call after  the call leaves the section
//	split                    what the callee does under the lock becomes a method of its own
//
// Their obligations are region (held there on every path), operands (what is
// returned is taken before), names, once (nobody else releases it, no path does it
// twice), trailing and defer. Assumed may be exclusion (code elsewhere could
// release it), not-needed (a call kept the context), liveness (who took the thing
// over is gone), and prose.
//
// # Decisions
//
// The last operations of a section leave first. Two operations keep their order
// only if the later one does not overtake the earlier, so a plan takes the last
// ones, and the next round takes those before them.
//
// A deferred unlock becomes explicit only where nothing that remains can panic
// and at most three early returns need an unlock. Otherwise the wake is deferred
// ahead of the lock: it keeps the release on every return and panic, runs after
// it, and runs exactly as often as the operation would have. People prefer the
// explicit form, so it goes first where it can be proved.
//
// Nothing is evaluated where it was not. An expression that may fault (a pointer
// behind a test for nil) is captured only where it was evaluated on every path;
// a length is captured as a number; the header of a map or slice is no copy and
// does not leave, except as the value of a send, where the receiver had it
// before.
//
// What stays behind an operation must read nothing but what changes under the
// lock only ([section.still]): when an operation is over it has synchronised with
// the other side, and whatever that had written before could be seen. Of a wait
// it is what one waits for, and refused; of a wake it is possible, and assumed.
// To look at the shape alone (a field beside the lock is guarded by it) lost: the
// writes tell.
//
// A panic in what stays behind an explicit unlock is not counted: it leaves the
// lock held for ever, with the edit or without.
//
// Foreign code is never proved harmless: not-needed is assumed for it, so its
// fixes are unsafe. A send, a receive or a wait runs no code, and can be safe.
//
// A section that nothing would be left in is there for the operation, and is
// refused as exclusion.
//
// A loop that pops until nothing is left is gathered too, not batched: the list
// is no longer than what the section held, and nobody gets in between. Batches are
// for loops that may bring more than the section can tell (a ring, a counter).
//
// Who closes something under the lock knows that nobody sends after that. A send
// that state under the lock decides about may, once it has left the section, meet
// a receiver that has gone: liveness is assumed for it ([section.decides]).
//
// One wake per waiter orders nothing only if the waiter was taken out of the list
// that it was found in, was not put back, and everyone else who sends to it takes
// it out of that list as well ([section.onlyRemoved]); a constant carries nothing
// only if everyone sends the same.
//
// A helper that is called with the lock held has no release to move behind. Its
// section is the whole function ([lent]), and what could leave a section that
// lasts to its end is returned ([handUp]). The callers are looked at one by one,
// each with its own section; one that has none, because its caller holds the lock,
// returns what it got. One caller where it is impossible, and there is no edit: a
// helper has one result for all. What a person would return is offered first: the
// list, the number, the waiter; a function does it where the operation cannot be
// said in the words of every caller, or has a comment, which can only stand once.
// A caller that holds nothing does it at once, which is an assumption.
//
// Files that belong to the package but were not analysed (tests, other platforms)
// may call the helper as well: its result would be dropped there, silently. A name
// that occurs in one of them is a refusal.
//
// Rejected: starting a goroutine for the wake, which 15 % of human fixes do. It
// loses the order, the back-pressure and the panic. Dropping on a full channel,
// likewise: it loses events.
package fix
