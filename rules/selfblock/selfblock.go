package selfblock

import (
	_ "embed"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

//go:embed doc.go
var page string

// Rule is the rule of this package.
var Rule = &rule.Rule{
	Name:   "selfblock",
	Title:  "a goroutine waits for itself",
	Doc:    rule.Page(page),
	Faults: []hazard.FaultSort{hazard.SpawnWait, hazard.SelfJoin, hazard.SelfSend, hazard.DrainedTimer},
}
