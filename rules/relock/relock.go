package relock

import (
	_ "embed"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

//go:embed doc.go
var page string

// Rule is the rule of this package.
var Rule = &rule.Rule{
	Name:   "relock",
	Title:  "a lock is taken again while it is held",
	Doc:    rule.Page(page),
	Faults: []hazard.FaultSort{hazard.Relocked, hazard.Reread, hazard.Upgraded, hazard.SameObject, hazard.OnceInside, hazard.LockedForUnlock},
}
