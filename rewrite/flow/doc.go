// Package flow solves forward data-flow problems over a finite graph. It knows
// no Go: nodes are small integers and the facts are the client's.
package flow
