package dropctx_test

import (
	"testing"

	"github.com/lockfix/lockfix/rewrite/ruletest"
	"github.com/lockfix/lockfix/rules/dropctx"
)

func TestRule(t *testing.T) { ruletest.Run(t, dropctx.Rule) }
