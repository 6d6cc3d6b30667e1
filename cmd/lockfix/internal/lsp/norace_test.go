//go:build !race

package lsp

const requestsOfATest = 10_000
