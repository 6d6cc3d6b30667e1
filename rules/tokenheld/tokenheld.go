package tokenheld

import (
	_ "embed"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

//go:embed doc.go
var page string

// Rule is the rule of this package.
var Rule = &rule.Rule{
	Name:  "tokenheld",
	Title: "an operation waits or calls back while a token is held",
	Doc:   rule.Page(page),
	Match: match,
}

// match takes everything that happens under a token: the edit is the same
// whatever the operation, release first.
func match(o *hazard.Observation) (string, bool) {
	return rule.Message(o), rule.HoldsToken(o)
}
