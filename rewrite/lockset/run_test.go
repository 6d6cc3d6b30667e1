package lockset_test

import "testing"

// A row is a claim and a program that shows it with calls of at.
type row struct{ claim, src string }

func run(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.claim, func(t *testing.T) { verify(t, understand(t, r.src)) })
	}
}
