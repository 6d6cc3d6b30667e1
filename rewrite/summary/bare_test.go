package summary_test

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// Bare units and idle calls say what the long way says: of each function, with and
// without what its callees in other packages do, and of each body.
func TestTheShortWaySaysWhatTheLongWaySays(t *testing.T) {
	facts := map[string]*summary.Func{}
	known := summary.FactsOf(func(fn *types.Func) *summary.Func { return facts[fn.FullName()] })
	paths := []string{
		"internal/bytealg", "errors", "sync", "io", "strings", "strconv", "reflect", "sort", "fmt", "bytes", "context", "time", "os", "bufio", "log", "log/slog",
		"path/filepath", "regexp", "encoding/json", "encoding/gob", "text/template", "go/types", "net", "net/http", "database/sql", "runtime", "testing",
	}
	for _, path := range paths {
		src := check.Std(t, path)
		for _, known := range []summary.Facts{nil, known} {
			short := summary.Analyze(src, known)
			bare, all := short.Bare()
			if path == "strings" && bare < all/2 {
				t.Errorf("%s: %d of %d declarations are bare, want most", path, bare, all)
			}
			var long *summary.Package
			summary.LongWay(func() { long = summary.Analyze(src, known) })
			if a, b := functions(short), functions(long); a != b {
				t.Errorf("%s: the long way says something else of functions:\n%s", path, difference(a, b))
			}
			if a, b := bodies(short), bodies(long); a != b {
				t.Errorf("%s: the long way says something else of bodies:\n%s", path, difference(a, b))
			}
			if known != nil {
				for fn, f := range short.Funcs {
					facts[fn.FullName()] = f
				}
			}
		}
	}
}

// Lock sets that are kept from one round of a cycle of calls to the next are those that
// would be computed again, also where the first round knows nothing of a callee yet.
func TestKeptLockSetsAreThoseOfEveryRound(t *testing.T) {
	packages := []*source.Package{check.Package(t, cycle)}
	for _, path := range []string{"fmt", "encoding/json", "text/template", "go/types", "net/http", "database/sql", "runtime", "testing"} {
		packages = append(packages, check.Std(t, path))
	}
	for _, src := range packages {
		kept := summary.Analyze(src, nil)
		var each *summary.Package
		summary.EveryRound(func() { each = summary.Analyze(src, nil) })
		if a, b := functions(kept), functions(each); a != b {
			t.Errorf("%s: every round says something else of functions:\n%s", src.Path, difference(a, b))
		}
		if a, b := bodies(kept), bodies(each); a != b {
			t.Errorf("%s: every round says something else of bodies:\n%s", src.Path, difference(a, b))
		}
	}
	for fn, f := range summary.Analyze(packages[0], nil).Funcs {
		if fn.Name() == "first" && len(f.Changes) != 1 {
			t.Errorf("%s has %d effects, want that it leaves the lock held", fn.Name(), len(f.Changes))
		}
	}
}

// cycle is methods that lead to each other; all but the last learn what that does in
// later rounds, and something matters in each from the first round on.
const cycle = `
type t struct { mu sync.Mutex; again, ping func() }
func (x *t) first() { x.ping(); x.second() }
func (x *t) second() { x.ping(); x.third() }
func (x *t) third() { x.ping(); x.fourth() }
func (x *t) fourth() { x.mu.Lock(); x.again = x.first }
func (x *t) f() { x.first(); x.mu.Unlock() }

func (x *t) uses() { x.ping(); unlock := x.gives(); unlock() }
func (x *t) gives() func() { x.ping(); return func() { x.unlocks1() } }
func (x *t) unlocks1() { x.ping(); x.unlocks2() }
func (x *t) unlocks2() { x.mu.Unlock(); x.again = x.uses }

func (x *t) runs1(f func()) { x.ping(); x.runs2(f) }
func (x *t) runs2(f func()) { x.ping(); x.runs3(f) }
func (x *t) runs3(f func()) { f(); x.again = func() { x.leaves() } }
func (x *t) leaves() { x.ping(); x.runs1(func() { x.mu.Lock() }) }

func (x *t) ends1() { x.ping(); x.ends2() }
func (x *t) ends2() { x.ping(); x.ends3() }
func (x *t) ends3() { x.ping(); x.again = x.ends0; panic(1) }
func (x *t) ends0(){ x.mu.Lock(); if x.ping != nil { x.ends1() }; x.mu.Unlock() }
`

func functions(p *summary.Package) string {
	var out []string
	for _, fn := range slices.SortedFunc(maps.Keys(p.Funcs), func(a, b *types.Func) int { return int(a.Pos() - b.Pos()) }) {
		out = append(out, fmt.Sprintf("%s %+v", fn.FullName(), p.Funcs[fn]))
	}
	return strings.Join(out, "\n")
}

func bodies(p *summary.Package) string {
	var b strings.Builder
	for _, body := range p.Bodies() {
		fmt.Fprintf(&b, "body %v exits %d inner %d spawned %v sections %d\n", p.Src.Position(body.Fn.Pos()), len(body.Exits), len(body.Inner), body.Spawned, len(body.Sections))
		for _, op := range body.Ops {
			fmt.Fprintf(&b, "op %v %T lits %d", p.Src.Position(op.Node.Pos()), op.Node, len(op.Lits))
			for _, h := range op.State.Held() {
				fmt.Fprintf(&b, " %s %v", h.Key(), h.Must)
			}
			for _, a := range p.Acts(body, op) {
				fmt.Fprintf(&b, " %+v", a)
			}
			for _, take := range p.Takes(body, op) {
				fmt.Fprintf(&b, " takes %+v", take.Lock)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return x[i] + "\n" + y[i]
		}
	}
	return fmt.Sprintf("%d and %d lines", len(x), len(y))
}
