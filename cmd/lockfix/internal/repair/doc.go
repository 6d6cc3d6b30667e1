// Package repair applies fixes to a package in memory until none is left, and
// writes the result.
//
// A round applies at most one fix to a top-level declaration, and only fixes
// whose edits do not touch: fixes of one declaration were each planned on the
// text as it was, so that together they may not be right. The package is then
// checked and analysed again. A fix after which it does not type-check is undone
// and not tried again. One that changes several declarations takes all of them or
// waits for the next round.
//
// Files are written last, each by renaming a new one over it, and only if it
// still is what was analysed: whoever interrupts a run finds every file either
// old or new. Where a file cannot be written, those that a fix ties to it are put
// back.
//
// # Killed between two files
//
// No file system replaces two files at once. So the new texts of all files that a
// fix ties lie beside them before the first is renamed, the renames follow each
// other at once, and they go in an order in which the package type-checks after
// each: what is declared comes before what uses it. A fix without such an order
// is not made by -w. Before the first rename a note beside the files, the journal,
// says what they become. The next run of lockfix -w completes what it finds begun
// and removes what else was left; a run that does not write says that it is so.
// A program that was killed in between builds, but only half of the fix is in it.
//
// The journal lies beside the files and not in a cache, so that it goes where
// they go, and is found by whoever lists the package. It may as well have come
// with the source: it is heeded for the Go files of its own directory only, not
// for links, and only for the very texts that it speaks of.
//
// Rejected: exchanging the directory as a whole, which few systems can, and which
// takes it away from under editors and file watchers; a process of its own for
// the renames, which survives a kill of the first but not one of the machine.
//
// # Two runs
//
// A run locks the directory, not a file in it, while it writes there. The one
// that comes second finds files that are no longer what it analysed, and leaves
// them. Where directories cannot be locked the comparison alone tells, up to the
// moment before the rename.
package repair
