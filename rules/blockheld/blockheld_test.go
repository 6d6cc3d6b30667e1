package blockheld_test

import (
	"testing"

	"github.com/lockfix/lockfix/rewrite/ruletest"
	"github.com/lockfix/lockfix/rules/blockheld"
)

func TestRule(t *testing.T) { ruletest.Run(t, blockheld.Rule) }
