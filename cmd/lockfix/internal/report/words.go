package report

import (
	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// Severity is what a level is called for people: error, warning or note.
func Severity(l hazard.Level) string { return severity(l) }

// Applicability is safe or unsafe.
func Applicability(f *rule.Fix) string { return applicability(f) }

// Status is proved, assumed or refuted.
func Status(s fix.Status) string { return status(s) }
