package waitloop

import (
	_ "embed"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

//go:embed doc.go
var page string

// Rule is the rule of this package.
var Rule = &rule.Rule{
	Name:   "waitloop",
	Title:  "a wait on a condition is not repeated while it does not hold",
	Doc:    rule.Page(page),
	Faults: []hazard.FaultSort{hazard.UnloopedWait},
}
