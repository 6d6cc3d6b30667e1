package wakeheld_test

import (
	"testing"

	"github.com/lockfix/lockfix/rewrite/ruletest"
	"github.com/lockfix/lockfix/rules/wakeheld"
)

func TestRule(t *testing.T) { ruletest.Run(t, wakeheld.Rule) }
