// Package proof words what is known of one finding for a terminal: who holds and who
// waits, side by side where there is room for both, and what its fix rests on.
package proof
