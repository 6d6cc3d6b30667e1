// Package rules is the table of all rules.
package rules

import (
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rules/blockheld"
	"github.com/lockfix/lockfix/rules/cancelguard"
	"github.com/lockfix/lockfix/rules/dropctx"
	"github.com/lockfix/lockfix/rules/leaksend"
	"github.com/lockfix/lockfix/rules/lockleak"
	"github.com/lockfix/lockfix/rules/lockorder"
	"github.com/lockfix/lockfix/rules/lostwake"
	"github.com/lockfix/lockfix/rules/relock"
	"github.com/lockfix/lockfix/rules/selfblock"
	"github.com/lockfix/lockfix/rules/tokenheld"
	"github.com/lockfix/lockfix/rules/waitloop"
	"github.com/lockfix/lockfix/rules/wakebatch"
	"github.com/lockfix/lockfix/rules/wakeheld"
	"github.com/lockfix/lockfix/rules/wakeloop"
)

// All returns every rule, in the order in which they are listed and asked.
func All() []*rule.Rule {
	return []*rule.Rule{
		wakeloop.Rule,
		wakebatch.Rule,
		wakeheld.Rule,
		blockheld.Rule,
		tokenheld.Rule,
		relock.Rule,
		lockorder.Rule,
		lockleak.Rule,
		waitloop.Rule,
		lostwake.Rule,
		dropctx.Rule,
		cancelguard.Rule,
		leaksend.Rule,
		selfblock.Rule,
	}
}
