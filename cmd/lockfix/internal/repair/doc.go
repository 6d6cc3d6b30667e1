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
package repair
