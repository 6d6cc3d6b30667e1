// Package splice carries out a plan: dst on the enclosing declaration only,
// minimal byte edits, every byte outside of them untouched. It is the only
// importer of dst and checks its own result.
package splice
