package wakebatch_test

import (
	"testing"

	"github.com/lockfix/lockfix/rewrite/ruletest"
	"github.com/lockfix/lockfix/rules/wakebatch"
)

func TestRule(t *testing.T) { ruletest.Run(t, wakebatch.Rule) }
