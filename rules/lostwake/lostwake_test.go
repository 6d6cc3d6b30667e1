package lostwake_test

import (
	"testing"

	"github.com/lockfix/lockfix/rewrite/ruletest"
	"github.com/lockfix/lockfix/rules/lostwake"
)

func TestRule(t *testing.T) { ruletest.Run(t, lostwake.Rule) }
