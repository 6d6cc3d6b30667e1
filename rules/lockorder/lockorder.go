package lockorder

import (
	_ "embed"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

//go:embed doc.go
var page string

// Rule is the rule of this package.
var Rule = &rule.Rule{
	Name:   "lockorder",
	Title:  "two locks are taken in both orders",
	Doc:    rule.Page(page),
	Faults: []hazard.FaultSort{hazard.Inverted, hazard.SelfInverted},
}
