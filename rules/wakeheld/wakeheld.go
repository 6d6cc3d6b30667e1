package wakeheld

import (
	_ "embed"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

//go:embed doc.go
var page string

// Rule is the rule of this package.
var Rule = &rule.Rule{
	Name:  "wakeheld",
	Title: "a callback runs while a lock is held",
	Doc:   rule.Page(page),
	Match: match,
}

// match takes single callbacks under a lock; repeated ones are wakeloop's.
func match(o *hazard.Observation) (string, bool) {
	if rule.HoldsToken(o) || o.Loop != nil {
		return "", false
	}
	return rule.Message(o), rule.CallsBack(o)
}
