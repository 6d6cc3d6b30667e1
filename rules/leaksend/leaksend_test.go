package leaksend_test

import (
	"testing"

	"github.com/lockfix/lockfix/rewrite/ruletest"
	"github.com/lockfix/lockfix/rules/leaksend"
)

func TestRule(t *testing.T) { ruletest.Run(t, leaksend.Rule) }
