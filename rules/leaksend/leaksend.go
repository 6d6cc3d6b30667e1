package leaksend

import (
	_ "embed"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

//go:embed doc.go
var page string

// Rule is the rule of this package.
var Rule = &rule.Rule{
	Name:   "leaksend",
	Title:  "a goroutine sends to a receiver that can leave first",
	Doc:    rule.Page(page),
	Faults: []hazard.FaultSort{hazard.AbandonedSend},
}
