// Differ tests lockfix's promise on programs that nobody wrote: it generates small
// concurrent programs, rewrites them, runs the original and the rewritten one under
// many schedules and compares what was seen. A rewritten program may lose deadlocks
// and gain nothing else: no result, no panic, no race, no lost or doubled wake.
//
//	differ --programs 100000
//	differ --programs 1000 --unsafe      also the fixes with assumptions: orders may differ
//	differ --only 4711 --seed 1          one program: print it, its rewriting and the verdict
//
// # What counts
//
// With --unsafe a violation is one only if no obligation that was assumed explains
// it; a person says so. What is compared then is how often, not in which order.
//
// A violation is kept in --keep as an archive, which holds the program before and
// after, what was applied and what is new.
//
// # What it costs
//
// Most programs get at least one edit; those that get none are counted and not
// run. Some hundred programs are built as one binary with the race detector (which
// needs a C compiler). Two cores do about 100,000 programs in two hours.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := root().Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "differ:", err)
		os.Exit(1)
	}
}
