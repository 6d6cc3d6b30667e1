// Package generate writes small concurrent programs that are well typed and made
// to tempt lockfix: critical sections with wakes, waits and callbacks in them,
// among branches, loops, returns, defers and panics.
//
// # What a program looks like
//
// A program is one file of package p: a type with a lock and state that it guards,
// methods with critical sections, and a function runID that makes a value, starts
// peers (who wait, receive, look) and two or three scripts (who call methods), and
// records what each of them saw. Names at top level end in the program's number,
// so that many programs can be built as one package.
//
// A program is composed of parts. Each brings fields, methods, calls for the scripts
// and peers for what it blocks on; [parts] lists them with how often they are chosen.
// What stands around the operation of interest is drawn from one grammar ([gen.fill]).
//
// # Rules for programs
//
// They have no races (what is guarded is touched under the lock, the rest by one
// goroutine), end unless they deadlock, and record under a label of its own for each
// goroutine. Their own deadlocks are welcome. The number of calls is small, so that
// the outcomes of a program can be counted. Nothing at package level outlives a run but
// locks, which package simulate makes new.
//
// The same seed and number give the same program.
package generate
