package lockorder_test

import (
	"testing"

	"github.com/lockfix/lockfix/rewrite/ruletest"
	"github.com/lockfix/lockfix/rules/lockorder"
)

func TestRule(t *testing.T) { ruletest.Run(t, lockorder.Rule) }
