package rewrite

import (
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// A package that is made of findings costs a bounded time: what is beyond it is
// reported without an edit, and says why.
func TestCheckingEditsIsBounded(t *testing.T) {
	src := check.Package(t, `package p

import "sync"

type t struct{ mu sync.Mutex }

func (x *t) f(n int) {
	x.mu.Lock()
	if n > 0 {
		return
	}
	x.mu.Unlock()
}
`)
	for _, test := range []struct {
		read int
		want string
	}{
		{0, "a fix"},
		{maxRead, "the edit is not offered: the package has too many findings for each edit to be checked"},
	} {
		pkg := Summarize(src, nil, nil)
		f := finder{pkg: pkg, now: diagnose(pkg), read: test.read, opts: Options{Rules: []*rule.Rule{{Name: "leak", Faults: []hazard.FaultSort{hazard.LeakPath}}}}}
		f.faults()
		f.repair()
		if len(f.found) != 1 {
			t.Fatalf("%d findings, want 1", len(f.found))
		}
		got := "a fix"
		if x := f.found[0].finding; x.Fix == nil {
			got = x.Refusals[0].Text
		}
		if !strings.HasPrefix(got, test.want) {
			t.Errorf("after %d bytes: %s, want %s", test.read, got, test.want)
		}
	}
}
