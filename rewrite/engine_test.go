package rewrite

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// calls finds each call of a function by its name as a finding of that rule.
func calls(pkg *summary.Package, _ Facts, _ Options) []*rule.Finding {
	var all []*rule.Finding
	for _, b := range pkg.Bodies() {
		for _, op := range b.Ops {
			all = append(all, &rule.Finding{Rule: "flag", Level: 2, Message: "call", Pos: pkg.Src.Position(op.Node.Pos())})
		}
	}
	return all
}

func TestWhatAReportShows(t *testing.T) {
	src := check.Package(t, `package p

func f() { flag() }

//lockfix:hold mu
func g() { flag() }

//lockfix:ignore flag meant
func h() { flag() }

func flag() {}
`)
	engine := Engine{Summarize: Summarize, Find: calls}
	pkg := engine.Summarize(src, nil, nil)
	show := func(opts Options) string {
		opts.Rules = []*rule.Rule{{Name: "flag"}}
		r := engine.Report(pkg, nil, opts, []string{"flag"})
		var b strings.Builder
		for _, f := range r.Findings {
			fmt.Fprintf(&b, "%d %s, ", f.Pos.Line, f.Rule)
		}
		fmt.Fprintf(&b, "%d ignored, %d off", r.Ignored, r.Off)
		return b.String()
	}
	if got, want := show(Options{}), "3 flag, 5 directive, 6 flag, 1 ignored, 0 off"; got != want {
		t.Errorf("everything: %s, want %s", got, want)
	}
	// Where the rule is off, the comment that silences it is not called unused.
	off := Options{Except: func(file, rule string, _ hazard.Level) bool { return strings.HasSuffix(file, "p.go") && rule == "flag" }}
	if got, want := show(off), "5 directive, 0 ignored, 3 off"; got != want {
		t.Errorf("where the rule is off: %s, want %s", got, want)
	}
}
