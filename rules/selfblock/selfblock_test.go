package selfblock_test

import (
	"testing"

	"github.com/lockfix/lockfix/rewrite/ruletest"
	"github.com/lockfix/lockfix/rules/selfblock"
)

func TestRule(t *testing.T) { ruletest.Run(t, selfblock.Rule) }
