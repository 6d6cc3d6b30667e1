package wakeloop_test

import (
	"testing"

	"github.com/lockfix/lockfix/rewrite/ruletest"
	"github.com/lockfix/lockfix/rules/wakeloop"
)

func TestRule(t *testing.T) { ruletest.Run(t, wakeloop.Rule) }
