package lockset_test

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// A body that is analysed in one run is the one that the solver and a second run
// give, in all that can be seen of it.
func TestOneRunSaysWhatTheLongWaySays(t *testing.T) {
	for _, path := range append(library, "net/http", "runtime", "go/types", "internal/trace", "os", "net") {
		src := check.Std(t, path)
		short := picture(summary.Analyze(src, nil))
		lockset.LongWay(func() {
			if long := picture(summary.Analyze(src, nil)); long != short {
				t.Errorf("%s: the long way says something else: %s", path, firstDifference(short, long))
			}
		})
	}
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return x[i] + " / " + y[i]
		}
	}
	return fmt.Sprintf("%d and %d lines", len(x), len(y))
}

// picture shows all of the bodies and summaries of a package.
func picture(p *summary.Package) string {
	var b strings.Builder
	at := func(n ast.Node) string { return fmt.Sprintf("%v-%d", p.Src.Position(n.Pos()), n.End()) }
	state := func(s lockset.State) string {
		var out strings.Builder
		for _, h := range s.Held() {
			fmt.Fprintf(&out, " %s/%v/%v/%q", h.Key(), h.Mode, h.Must, h.Caller)
			for _, a := range h.From {
				out.WriteString("<" + at(a.Node))
			}
		}
		for _, r := range s.Dropped() {
			out.WriteString(" -" + r.Key())
		}
		return out.String()
	}
	for _, body := range p.Bodies() {
		fmt.Fprintf(&b, "body %s spawned %v writes %d exit%s\n", at(body.Fn), body.Spawned, body.Nodes(), state(body.Exit))
		for _, op := range body.Ops {
			fmt.Fprintf(&b, "op %s%s defer %v lits %d\n", at(op.Node), state(op.State), op.Defer != nil && op.Defer.Pos() > 0, len(op.Lits))
		}
		for _, s := range body.Sections {
			fmt.Fprintf(&b, "section %s %s lits %d returns %d releases %d ops %d %v %v %v\n", at(s.Acquire.Node), s.Acquire.Resource.Key(), len(s.Lits), len(s.Returns), len(s.Releases), len(s.Ops), s.Falls, s.Leaks, s.Mixed)
			for _, r := range s.Releases {
				fmt.Fprintf(&b, "release %s %s defer %v lits %d\n", at(r.Node), r.Resource.Key(), r.Defer != nil, len(r.Lits))
			}
		}
		var rest []string
		for _, x := range body.Exits {
			rest = append(rest, "exit "+at(x.At)+state(x.State))
		}
		for lit := range body.Inner {
			rest = append(rest, "inner "+at(lit))
		}
		ast.Inspect(body.Block, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.AssignStmt, *ast.IncDecStmt:
				if s, ok := body.Before(n); ok {
					rest = append(rest, "before "+at(n)+state(s))
				}
			}
			return true
		})
		slices.Sort(rest)
		b.WriteString(strings.Join(rest, "\n") + "\n")
	}
	var funcs []string
	for fn, f := range p.Funcs {
		funcs = append(funcs, fmt.Sprintf("%s %v %+v", fn.FullName(), fn.Pos(), f))
	}
	slices.Sort(funcs)
	b.WriteString(strings.Join(funcs, "\n"))
	return b.String()
}
