// Package edit holds byte-offset edits of one text: apply, merge, minimal
// difference, unified diff. It knows no Go.
package edit
