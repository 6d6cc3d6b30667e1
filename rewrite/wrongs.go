package rewrite

import (
	"fmt"
	"go/ast"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// troubles are what the detectors find in a package.
type troubles struct {
	observations []*hazard.Observation
	faults       []*hazard.Fault
}

func diagnose(pkg *summary.Package) troubles {
	return troubles{hazard.Observe(pkg), hazard.Faults(pkg)}
}

// A describer words what is wrong with a package, without positions.
type describer struct {
	pkg   *summary.Package
	moved map[string]string // how functions were called that have another name
}

// A wrong is one thing that is wrong, in words.
type wrong struct {
	words string
	level hazard.Level // Deadlock for what counts at every level
}

// wrongs describes everything that is wrong: what the detectors have found, and
// how bodies leave what they acquire and release.
func (d describer) wrongs(t troubles) []wrong {
	out := []wrong{}
	for _, o := range t.observations {
		out = append(out, wrong{d.observation(o), o.Level})
	}
	for _, x := range t.faults {
		out = append(out, wrong{d.fault(x), x.Level})
	}
	for _, b := range d.pkg.Bodies() {
		where := d.body(b)
		for _, s := range b.Sections {
			if s.Leaks {
				out = append(out, wrong{where + " leaves " + s.Acquire.Resource.Expr + " held", hazard.Deadlock})
			}
		}
		for _, r := range b.Exit.Dropped() {
			out = append(out, wrong{where + " releases " + r.Expr + " without holding it", hazard.Deadlock})
		}
	}
	return out
}

// count counts what is wrong from a level on.
func count(wrongs []wrong, from hazard.Level) map[string]int {
	out := map[string]int{}
	for _, w := range wrongs {
		if w.level >= from {
			out[w.words]++
		}
	}
	return out
}

// finding describes a finding as count does.
func (d describer) finding(x found) string {
	if x.fault != nil {
		return d.fault(x.fault)
	}
	return d.observation(x.obs)
}

// fault names the place of a fault, but not of an order: a cycle is reported once,
// and an edit that takes one of its edges away lets it be reported at another.
func (d describer) fault(x *hazard.Fault) string {
	if x.Sort == hazard.Inverted || x.Sort == hazard.SelfInverted {
		return string(x.Sort)
	}
	return fmt.Sprintf("%s: %s of %s", d.body(x.Body), x.Sort, x.Resource)
}

func (d describer) observation(o *hazard.Observation) string {
	return fmt.Sprintf("%s: %v while %s is held", d.body(o.Body), o.Kind, o.Held.Key()[:max(0, rootEnd(o.Held.Key()))])
}

func (d describer) body(b *lockset.Body) string {
	fd, ok := b.Decl.(*ast.FuncDecl)
	if !ok {
		return "a function literal"
	}
	name := d.pkg.DeclName(fd)
	if was, ok := d.moved[name]; ok {
		return was
	}
	return name
}

// rootEnd cuts the position off a key, which an edit above it shifts.
func rootEnd(key string) int {
	for i, c := range key {
		if c == '@' {
			return i
		}
	}
	return len(key)
}
