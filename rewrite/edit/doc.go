// Package edit holds byte-offset edits of one text: apply, merge, minimal
// difference, unified diff. It knows no Go.
//
// # Decisions
//
// The difference is our own hundred lines of Myers rather than a library: it
// has to be minimal (the libraries at hand stop looking after a hundred
// changes), it has to leave CRLF and a missing last newline alone, and where a
// block may stand at several places it is to stand where a reader expects it.
// A list of edits is sorted and disjoint; nothing here sorts one silently,
// because edits out of order are a mistake of whoever made them.
package edit
