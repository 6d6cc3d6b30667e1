// Package report words findings for people and for programs. It is given
// everything and asks nothing: the same input gives the same bytes.
//
// # Decisions
//
// SARIF is written by types of our own, of that part of the standard in which
// lockfix has something to say. go-sarif, the library for it, writes most lists
// whether there is anything in them or not, does not know of numbers and words that
// are not set, so that a file which it reads and writes again conforms no more, and
// brings along a validator that had its last release in 2019. Its copy of the
// schema is what tests hold our files against. A library that writes what conforms
// would change our mind.
//
// SARIF and rdjson have the safe fixes only: whoever applies fixes out of a file
// asks for no assumptions. The others are told in the message. rdjson has one
// suggestion a fix, from its first edit to its last, since suggestions are accepted
// one by one and half a fix is none.
//
// A finding that -w has ended is no result, annotation or diagnostic: the code does
// not have it any more, and who shows the file would show the wrong line. SARIF
// tells of it as a notification, the summary of a step in a list, JSON as fixed.
//
// SARIF has no suppressed results: what a comment silences is counted and not kept.
//
// Fingerprints have a key of our own. The key that GitHub compares is a hash of
// lines that its upload computes, and one that differs is a warning there.
//
// Paths are relative to the working directory, except in formats that are read
// where the repository is: there, in GitHub Actions, they are relative to the
// checkout. The summary of a step is written with -f github only: no other format
// has an effect besides its output.
package report
