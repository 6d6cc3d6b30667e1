package blockheld

import (
	_ "embed"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

//go:embed doc.go
var page string

// Rule is the rule of this package.
var Rule = &rule.Rule{
	Name:   "blockheld",
	Title:  "an operation waits for others while a lock is held",
	Doc:    rule.Page(page),
	Match:  match,
	Faults: []hazard.FaultSort{hazard.LeafLocks},
}

// match takes every wait under a lock, except the sends that a loop repeats:
// those are wakeloop's, as callbacks are wakeloop's or wakeheld's.
func match(o *hazard.Observation) (string, bool) {
	if rule.HoldsToken(o) || rule.CallsBack(o) {
		return "", false
	}
	return rule.Message(o), o.Kind != hazard.Send || o.Loop == nil
}
