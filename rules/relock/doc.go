// Package relock reports ...
//
// # What it reports
//
// ...
//
// # Why it is bad
//
// ...
//
// # Why the edit keeps the meaning
//
// ...
//
// # When there is no edit
//
// ...
package relock
