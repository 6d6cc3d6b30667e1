package lockset_test

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/constant"
	"go/format"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// prelude gives every row a type with locks, and at, whose argument says what
// is held where it is called: "s.mu t.mu? r.mu/r -u.mu" is one lock held on
// every path, one on some, one for reading, and one of the caller's that is
// released. "dead" says that no path leads there.
const prelude = `
func at(string)
type S struct {
	mu, nu sync.Mutex
	rw     sync.RWMutex
	sem    *semaphore.Weighted
	slots  chan struct{}
	once   sync.Once
	ch     chan int
	next   *S
	n      int
	m      map[int]*S
}
func newS() *S { return &S{sem: semaphore.NewWeighted(3), slots: make(chan struct{}, 3)} }
var cond, other bool
func f() {}
var _ context.Context
`

// understand analyses a source together with the prelude.
func understand(t *testing.T, src string) *summary.Package {
	t.Helper()
	return summary.Analyze(check.Package(t, prelude+src), nil)
}

// verify compares every at of a program with the state there.
func verify(t *testing.T, p *summary.Package) {
	t.Helper()
	got := map[*ast.CallExpr][]string{}
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			if call, ok := op.Node.(*ast.CallExpr); ok {
				got[call] = append(got[call], stateText(op.State))
			}
		}
	}
	n := 0
	for _, f := range p.Src.Files {
		ast.Inspect(f.Syntax, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok || types.ExprString(call.Fun) != "at" {
				return true
			}
			n++
			want := constant.StringVal(p.Src.Info.Types[call.Args[0]].Value)
			slices.Sort(got[call])
			have := strings.Join(got[call], "; ") // of several bodies
			if got[call] == nil {
				have = "dead"
			}
			if have != want {
				t.Errorf("%d: at(%q): got %q", p.Src.Position(call.Pos()).Line, want, have)
			}
			return true
		})
	}
	if n == 0 {
		t.Error("the row asks for nothing")
	}
}

// stateText spells a state as at does.
func stateText(s lockset.State) string {
	var out []string
	for _, h := range s.Held() {
		text := h.Expr
		if h.Mode == syncapi.Read {
			text += "/r"
		}
		if !h.Must {
			text += "?"
		}
		out = append(out, text)
	}
	slices.SortFunc(out, cmp.Compare[string])
	for _, r := range s.Dropped() {
		out = append(out, "-"+r.Expr)
	}
	return strings.Join(out, " ")
}

// nodeText spells a node on one line.
func nodeText(n ast.Node) string {
	if n, ok := n.(*ast.SelectStmt); ok {
		return fmt.Sprintf("select of %d", len(n.Body.List))
	}
	if n, ok := n.(*ast.RangeStmt); ok {
		return "range " + types.ExprString(n.X)
	}
	var buf bytes.Buffer
	if err := format.Node(&buf, token.NewFileSet(), n); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(buf.String()), " ")
}

// bodyOf finds the body of the function that a row calls g or gLocked.
func bodyOf(t *testing.T, p *summary.Package) *lockset.Body {
	t.Helper()
	for _, b := range p.Bodies() {
		if b.Obj != nil && (b.Obj.Name() == "g" || b.Obj.Name() == "gLocked") {
			return b
		}
	}
	t.Fatal("no function g")
	return nil
}

// sectionText spells a section: what it acquires, releases, returns and ops,
// and which of its flags are set.
func sectionText(s *lockset.Section) string {
	text := nodeText(s.Acquire.Node)
	for _, r := range s.Releases {
		text += " | " + nodeText(r.Node)
		if r.Defer != nil {
			text += " deferred"
		}
	}
	for _, r := range s.Returns {
		text += " | " + nodeText(r)
	}
	for _, flag := range []struct {
		set  bool
		name string
	}{{s.Falls, "falls"}, {s.Leaks, "leaks"}, {s.Mixed, "mixed"}} {
		if flag.set {
			text += " | " + flag.name
		}
	}
	for _, op := range s.Ops {
		if call, ok := op.Node.(*ast.CallExpr); ok && isRelease(s, call) {
			continue // listed above
		}
		text += " > " + nodeText(op.Node)
	}
	return text
}

func isRelease(s *lockset.Section, n ast.Node) bool {
	return slices.ContainsFunc(s.Releases, func(r *lockset.Release) bool { return r.Node == n })
}

// dump spells everything that an analysis found, to compare two runs.
func dump(p *summary.Package) string {
	var b strings.Builder
	for _, body := range p.Bodies() {
		fmt.Fprintf(&b, "body %v %q exit %q spawned %v\n", p.Src.Position(body.Fn.Pos()), entryText(body), stateText(body.Exit), body.Spawned)
		for _, op := range body.Ops {
			fmt.Fprintf(&b, "  %d %T %q %v\n", op.Node.Pos(), op.Node, stateText(op.State), op.Defer != nil)
		}
		for _, s := range body.Sections {
			fmt.Fprintf(&b, "  section %d: %d %d %d\n", s.Acquire.Node.Pos(), len(s.Releases), len(s.Returns), len(s.Ops))
		}
	}
	return b.String()
}

func entryText(b *lockset.Body) string {
	var out []string
	for _, h := range b.Entry {
		out = append(out, h.Expr+" ("+h.Caller+")")
	}
	return strings.Join(out, ", ")
}
