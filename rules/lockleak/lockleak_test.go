package lockleak_test

import (
	"testing"

	_ "golang.org/x/sync/semaphore" // the test data imports it

	"github.com/lockfix/lockfix/rewrite/ruletest"
	"github.com/lockfix/lockfix/rules/lockleak"
)

func TestRule(t *testing.T) { ruletest.Run(t, lockleak.Rule) }
