package cancelguard_test

import (
	"testing"

	"github.com/lockfix/lockfix/rewrite/ruletest"
	"github.com/lockfix/lockfix/rules/cancelguard"
)

func TestRule(t *testing.T) { ruletest.Run(t, cancelguard.Rule) }
