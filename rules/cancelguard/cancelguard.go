package cancelguard

import (
	_ "embed"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

//go:embed doc.go
var page string

// Rule is the rule of this package.
var Rule = &rule.Rule{
	Name:   "cancelguard",
	Title:  "what must be cancelled, stopped or closed is not on every path",
	Doc:    rule.Page(page),
	Faults: []hazard.FaultSort{hazard.GuardPath, hazard.GuardIgnored, hazard.GuardStored, hazard.GuardStarted, hazard.GuardGroup, hazard.TimerLeft},
}
