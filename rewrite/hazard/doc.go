// Package hazard makes the observations that rules read: operations under a
// resource, with call chain and peer, and why some of them are harmless.
package hazard
