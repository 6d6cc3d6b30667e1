// Package lockset computes which resources are held at each point of a function
// body, on every path (must) and on some path (may), and the critical sections
// that follow from it. It is pure: what a call does to locks it asks a function.
package lockset
