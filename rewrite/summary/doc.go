// Package summary says what a call does, for every function of a package:
// whether and on what it may block, what it wakes and calls back, which
// resources it acquires, releases, leaves held or needs held. Summaries travel
// between packages as facts.
package summary
