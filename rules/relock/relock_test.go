package relock_test

import (
	"testing"

	"github.com/lockfix/lockfix/rewrite/ruletest"
	"github.com/lockfix/lockfix/rules/relock"
)

func TestRule(t *testing.T) { ruletest.Run(t, relock.Rule) }
