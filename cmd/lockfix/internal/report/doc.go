// Package report words findings for people and for programs. It is given
// everything and asks nothing: the same input gives the same bytes.
package report
