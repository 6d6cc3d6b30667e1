package lostwake

import (
	_ "embed"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

//go:embed doc.go
var page string

// Rule is the rule of this package.
var Rule = &rule.Rule{
	Name:   "lostwake",
	Title:  "nobody wakes who waits",
	Doc:    rule.Page(page),
	Faults: []hazard.FaultSort{hazard.LostWake, hazard.NeverWoken, hazard.SkippedClose, hazard.LatePublish},
}
