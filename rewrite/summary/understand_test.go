package summary_test

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

const prelude = `
type S struct {
	mu, nu sync.Mutex
	rw     sync.RWMutex
	wg     sync.WaitGroup
	ch     chan int
	slots  chan struct{}
	next   *S
	cb     func()
}
func newS(cb func()) *S { return &S{slots: make(chan struct{}, 3), cb: cb} }
func (s *S) slot() { s.slots <- struct{}{}; <-s.slots }
var cond bool
`

// understand analyses a source together with the prelude.
func understand(t *testing.T, src string) *summary.Package {
	t.Helper()
	return summary.Analyze(check.Package(t, prelude+src), nil)
}

// program analyses packages, each of which knows those before it as facts, and
// returns the last.
func program(t *testing.T, units ...check.Unit) *summary.Package {
	t.Helper()
	facts := map[*types.Func]*summary.Func{}
	var p *summary.Package
	for _, src := range check.Program(t, units...) {
		p = summary.Analyze(src, summary.FactsOf(func(fn *types.Func) *summary.Func { return facts[fn] }))
		maps.Copy(facts, p.Funcs)
	}
	return p
}

// summaryOf returns the summary of the function that a row calls name.
func summaryOf(t *testing.T, p *summary.Package, name string) *summary.Func {
	t.Helper()
	for fn, f := range p.Funcs {
		if fn.Name() == name {
			return f
		}
	}
	t.Fatalf("no function %s", name)
	return nil
}

var classes = map[syncapi.Class]string{syncapi.Foreign: "foreign", syncapi.Waits: "waits", syncapi.Outside: "outside"}

// actTexts spells acts as "class: what, via f, until x, param 0, without s.mu,
// kept s.mu".
func actTexts(acts []summary.Act) []string {
	var out []string
	for _, a := range acts {
		text := classes[a.Class] + ": " + a.What
		for _, f := range a.Via {
			text += ", via " + f.Func
		}
		if a.Bounded != "" {
			text += ", until " + a.Bounded
		}
		if a.Param >= 0 {
			text += fmt.Sprintf(", param %d", a.Param)
		}
		for _, r := range a.Dropped {
			text += ", without " + refText(r)
		}
		for _, r := range a.Kept {
			text += ", kept " + refText(r)
		}
		out = append(out, text)
	}
	return out
}

func refText(r summary.Ref) string {
	name := ""
	switch r.Param {
	case summary.Receiver:
		name = "recv"
	case summary.Global:
		name = r.Pkg + "." + r.Name
	case summary.Nowhere:
		return "nowhere"
	default:
		name = fmt.Sprintf("arg%d", r.Param)
	}
	return strings.Join(append([]string{name}, r.Fields...), ".")
}

// changeTexts spells changes as "+recv.mu", "?recv.mu" for an attempt and
// "-recv.mu", with "/r" for reading and "!" where the result tells.
func changeTexts(changes []summary.Change) []string {
	var out []string
	for _, c := range changes {
		text := map[syncapi.Kind]string{syncapi.Acquire: "+", syncapi.Try: "?", syncapi.Release: "-"}[c.Kind] + refText(c.Ref)
		if c.Mode == syncapi.Read {
			text += "/r"
		}
		if c.Fallible {
			text += "!"
		}
		out = append(out, text)
	}
	return out
}

// a row is a claim about the function f of a program, in lines of text.
type row struct {
	claim, src string
	want       []string
}

func compare(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}
