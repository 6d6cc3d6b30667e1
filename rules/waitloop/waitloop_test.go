package waitloop_test

import (
	"testing"

	"github.com/lockfix/lockfix/rewrite/ruletest"
	"github.com/lockfix/lockfix/rules/waitloop"
)

func TestRule(t *testing.T) { ruletest.Run(t, waitloop.Rule) }
