package tokenheld_test

import (
	"testing"

	_ "golang.org/x/sync/semaphore" // the test data imports it

	"github.com/lockfix/lockfix/rewrite/ruletest"
	"github.com/lockfix/lockfix/rules/tokenheld"
)

func TestRule(t *testing.T) { ruletest.Run(t, tokenheld.Rule) }
