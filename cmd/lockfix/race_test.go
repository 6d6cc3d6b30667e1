//go:build race

package main

// raced says that the race detector is at work. It does not see the programs that a
// test starts again and again, and makes each of them ten times as long: the run
// without it has them.
const raced = true
