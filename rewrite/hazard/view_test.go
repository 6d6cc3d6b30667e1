package hazard

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// What is found once for several detectors, and what is passed over because it cannot
// matter, changes no fault.
func TestTheShortWayFindsWhatTheLongWayFinds(t *testing.T) {
	packages := check.Examples(t, "../../rules/*/testdata/*.txtar")
	for _, path := range []string{"io", "context", "time", "os/exec", "database/sql", "net/http", "testing", "go/types"} {
		packages = append(packages, check.Std(t, path))
	}
	packages = append(packages, check.Package(t, backwards))
	found := 0
	for _, src := range packages {
		short := spellFaults(src, Faults(summary.Analyze(src, nil)))
		found += strings.Count(short, "\n")
		longWay = true
		p := summary.Analyze(src, nil)
		var long []*Fault
		for _, d := range detectors {
			long = append(long, d.find(newView(p))...)
		}
		longWay = false
		sortFaults(long)
		if long := spellFaults(src, long); long != short {
			t.Errorf("%s: the long way finds\n%sthe short way\n%s", src.Files[0].Name, long, short)
		}
		if short, long := spellFaults(src, abandonedSends(newView(p))), spellFaults(src, abandonedSendsOfAll(p)); short != long {
			t.Errorf("%s: of all names that are defined these are abandoned:\n%sand these of those that are listed:\n%s", src.Files[0].Name, long, short)
		}
	}
	if found < 200 {
		t.Errorf("%d faults in all, want hundreds", found)
	}
}

// backwards repeats a release that stands in no loop.
const backwards = `
var mu sync.Mutex
func f(again bool) {
	mu.Lock()
back:
	mu.Unlock()
	if again {
		goto back
	}
}
`

// abandonedSendsOfAll looks at each name that is defined.
func abandonedSendsOfAll(p *summary.Package) []*Fault {
	var out []*Fault
	for _, b := range p.Bodies() {
		ast.Inspect(b.Block, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || p.Uses.Enclosing(n) != b.Fn {
				return true
			}
			if v, ok := p.Src.Info.Defs[id].(*types.Var); ok && isChan(v.Type()) {
				if f := abandoned(p, v); f != nil {
					out = append(out, f)
				}
			}
			return true
		})
	}
	return out
}

// spellFaults writes all that is known of some faults.
func spellFaults(src *source.Package, faults []*Fault) string {
	var b strings.Builder
	at := func(n ast.Node) string {
		if n == nil {
			return "nowhere"
		}
		return fmt.Sprintf("%T %v", n, src.Position(n.Pos()))
	}
	for _, f := range faults {
		fmt.Fprintf(&b, "%s at %s: %s, %s, %s, %v, %v %v %v, body %s", f.Sort, at(f.Node), f.What, f.Resource, f.Why, f.Level, f.Must, f.Two, f.Section != nil, at(f.Body.Fn))
		for _, n := range f.Spots {
			fmt.Fprintf(&b, ", spot %s", at(n))
		}
		for _, frames := range [][]Frame{f.Chain, f.Peer, f.Also} {
			for _, fr := range frames {
				fmt.Fprintf(&b, ", %v %s", src.Position(fr.Pos), fr.Text)
			}
			b.WriteString(";")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Each operation of a body begins in the declaration of the body: by that root passes
// over bodies.
func TestOperationsStandInTheirDeclaration(t *testing.T) {
	packages := check.Examples(t, "../../rules/*/testdata/*.txtar")
	for _, path := range []string{"database/sql", "net/http", "os/exec"} {
		packages = append(packages, check.Std(t, path))
	}
	ops := 0
	for _, src := range packages {
		for _, b := range summary.Analyze(src, nil).Bodies() {
			for _, op := range b.Ops {
				ops++
				if at := op.Node.Pos(); at < b.Decl.Pos() || b.Decl.End() <= at {
					t.Errorf("%v: it is an operation of what stands at %v", src.Position(at), src.Position(b.Decl.Pos()))
				}
			}
		}
	}
	if ops < 10000 {
		t.Errorf("%d operations, want thousands", ops)
	}
}
