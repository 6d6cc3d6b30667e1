package wakeloop

import (
	_ "embed"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

//go:embed doc.go
var page string

// Rule is the rule of this package.
var Rule = &rule.Rule{
	Name:  "wakeloop",
	Title: "a loop wakes, calls back or sends to each element while a lock is held",
	Doc:   rule.Page(page),
	Match: match,
}

// match takes what a loop repeats under a lock and what can run into someone
// else for each element: sends, callbacks, calls that end in a callback. Loops
// that pop until nothing is left are wakebatch's.
func match(o *hazard.Observation) (string, bool) {
	if rule.HoldsToken(o) || o.Loop == nil || o.Drains {
		return "", false
	}
	return rule.Message(o), o.Kind == hazard.Send || rule.CallsBack(o)
}
