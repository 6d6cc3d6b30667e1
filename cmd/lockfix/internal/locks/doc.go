// Package locks draws up the lock-order graph of a program: which lock is taken
// while which other is held, where, and what runs under a lock that the program
// does not know. It has the graph from the analysis and finds nothing out itself.
//
// # What is shown
//
// A program of some size has hundreds of locks, and most of them are fine. So the
// graph is cut down to what is wrong, cycles and callbacks under a lock, with one
// hop around the cycles: what a new order there would have to agree with. A
// callback says enough by itself. With a lock in focus it is that lock and one hop
// around it.
//
// # What is a cycle
//
// What package hazard calls one, asked of the orders of all packages together. So
// the graph shows a cycle of two packages that no third one sees both sides of,
// which no run over packages one by one reports; and it shows cycles that are not
// reported because the locks may be others, which are drawn as such.
//
// Locks in variables of a function are left out: nothing outside can take them.
package locks
