//go:build race

package lsp

// requestsOfATest is fewer under the race detector, which makes each of them ten
// times as long and knows nothing of memory.
const requestsOfATest = 1_000
