package wakebatch

import (
	_ "embed"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

//go:embed doc.go
var page string

// Rule is the rule of this package.
var Rule = &rule.Rule{
	Name:  "wakebatch",
	Title: "a loop that pops until nothing is left wakes as it pops, while a lock is held",
	Doc:   rule.Page(page),
	Match: match,
}

// match takes what wakeloop takes, in a loop that takes an element out of a
// collection each time and goes on as long as there are some.
func match(o *hazard.Observation) (string, bool) {
	if rule.HoldsToken(o) || o.Loop == nil || !o.Drains {
		return "", false
	}
	return rule.Message(o), o.Kind == hazard.Send || rule.CallsBack(o)
}
