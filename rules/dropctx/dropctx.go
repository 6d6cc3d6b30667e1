package dropctx

import (
	_ "embed"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

//go:embed doc.go
var page string

// Rule is the rule of this package.
var Rule = &rule.Rule{
	Name:   "dropctx",
	Title:  "a blocked state is not passed on: a result dropped, a context or a done channel ignored",
	Doc:    rule.Page(page),
	Faults: []hazard.FaultSort{hazard.UncheckedAcquire, hazard.IgnoredContext, hazard.IgnoredDone, hazard.PartialWait},
}
