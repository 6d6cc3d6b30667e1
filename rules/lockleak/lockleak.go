package lockleak

import (
	_ "embed"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

//go:embed doc.go
var page string

// Rule is the rule of this package.
var Rule = &rule.Rule{
	Name:   "lockleak",
	Title:  "a path leaves with a lock or token held, or releases it wrongly",
	Doc:    rule.Page(page),
	Faults: []hazard.FaultSort{hazard.LeakPath, hazard.LeakDropped, hazard.LeakLoop, hazard.LeakMode, hazard.LeakRelock, hazard.LeakTwice, hazard.LeakNever, hazard.LeakUnheld, hazard.EnvelopeDropped, hazard.TokenOmitted},
}
