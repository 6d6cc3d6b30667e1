package lockset_test

import (
	"fmt"
	"go/ast"
	"go/constant"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// A random program is a tree of statements that can be printed as Go and run
// along a random path. What is held on the path must lie between what the
// analysis says is held on every path and what it says is held on some.

type stmt struct {
	op    string   // of the table in write
	lock  string   // of lock, unlock and their deferred forms
	label int      // of loops, and of branches to one; 0 none
	probe string   // of at
	lists [][]stmt // the parts: branches, clauses, bodies
}

// A maker makes programs.
type maker struct {
	rnd    *rand.Rand
	probes int
	labels int
}

// list makes a statement list; loops are the labels around it, top says that it
// is the body of a function.
func (m *maker) list(depth int, loops []int, top bool) []stmt {
	var out []stmt
	for range 1 + m.rnd.IntN(4) {
		out = append(out, m.stmt(depth, loops, top))
	}
	return out
}

func (m *maker) stmt(depth int, loops []int, top bool) stmt {
	m.probes++
	at := stmt{op: "at", probe: fmt.Sprint(m.probes)}
	lock := []string{"mu", "nu"}[m.rnd.IntN(2)]
	part := func(loops []int) []stmt { return m.list(depth-1, loops, false) }
	n := m.rnd.IntN(20)
	if depth == 0 && n >= 10 && n < 17 {
		n -= 10
	}
	switch n {
	case 0, 1, 2:
		return stmt{op: "lock", lock: lock}
	case 3, 4, 5:
		return stmt{op: "unlock", lock: lock}
	case 10, 11:
		return stmt{op: "if", lists: [][]stmt{part(loops), part(loops)}}
	case 12:
		m.labels++
		label := m.labels
		return stmt{op: "for", label: label, lists: [][]stmt{part(append(loops[:len(loops):len(loops)], label))}}
	case 13:
		return stmt{op: "switch", lists: [][]stmt{part(loops), part(loops)}}
	case 14:
		return stmt{op: "fall", lists: [][]stmt{part(loops), part(loops)}}
	case 15:
		return stmt{op: "select", lists: [][]stmt{part(loops), part(loops)}}
	case 16:
		return stmt{op: "func", lists: [][]stmt{m.list(depth-1, nil, true)}}
	case 17:
		if len(loops) > 0 {
			return stmt{op: []string{"break", "continue"}[m.rnd.IntN(2)], label: loops[m.rnd.IntN(len(loops))]}
		}
	case 18:
		// A defer in a branch is taken to run whenever what follows does, so
		// that "lock, defer unlock" in a branch leaves nothing.
		if top {
			return stmt{op: []string{"defer lock", "defer unlock"}[m.rnd.IntN(2)], lock: lock}
		}
		return stmt{op: "panic"}
	case 19:
		return stmt{op: "return"}
	}
	return at
}

// write prints a list as Go.
func write(b *strings.Builder, list []stmt) {
	for _, s := range list {
		switch s.op {
		case "at":
			fmt.Fprintf(b, "at(%q)\n", s.probe)
		case "lock":
			fmt.Fprintf(b, "%s.Lock()\n", s.lock)
		case "unlock":
			fmt.Fprintf(b, "%s.Unlock()\n", s.lock)
		case "defer lock":
			fmt.Fprintf(b, "defer %s.Lock()\n", s.lock)
		case "defer unlock":
			fmt.Fprintf(b, "defer %s.Unlock()\n", s.lock)
		case "break", "continue":
			fmt.Fprintf(b, "%s L%d\n", s.op, s.label)
		case "return":
			b.WriteString("if cond { return }\n")
		case "panic":
			b.WriteString("if cond { panic(0) }\n")
		default:
			writeParts(b, s)
		}
	}
}

// writeParts prints a statement with parts as the words of its form around
// them.
func writeParts(b *strings.Builder, s stmt) {
	words := map[string][]string{
		"if":     {"if cond {\n", "} else {\n", "}\n"},
		"for":    {fmt.Sprintf("L%d: for cond {\nif other { continue L%[1]d }\n", s.label), "}\n"},
		"switch": {"switch n {\ncase 1:\n", "case 2:\n", "}\n"},
		"fall":   {"switch {\ncase cond:\n", "if other { break }\nfallthrough\ndefault:\n", "}\n"},
		"select": {"select {\ncase <-ch:\n", "case ch <- 1:\n", "}\n"},
		"func":   {"func() {\n", "}()\n"},
	}[s.op]
	b.WriteString(words[0])
	for i, part := range s.lists {
		write(b, part)
		b.WriteString(words[i+1])
	}
}

// A path runs a program once, at random.
type path struct {
	rnd    *rand.Rand
	steps  int
	held   map[string]bool
	defers []stmt
	seen   func(probe string, held map[string]bool)
}

// A signal is how a list ends: by itself, by a branch to a loop, or for good.
type signal struct {
	op    string // "", "break", "continue", "return", "panic", "stop"
	label int
}

func (p *path) list(list []stmt) signal {
	for _, s := range list {
		if p.steps++; p.steps > 200 {
			return signal{op: "stop"}
		}
		if sig := p.stmt(s); sig.op != "" {
			return sig
		}
	}
	return signal{}
}

func (p *path) flip() bool { return p.rnd.IntN(2) == 0 }

func (p *path) stmt(s stmt) signal {
	switch s.op {
	case "at":
		p.seen(s.probe, p.held)
	case "lock", "unlock":
		p.held[s.lock] = s.op == "lock"
	case "defer lock", "defer unlock":
		p.defers = append(p.defers, s)
	case "break", "continue":
		return signal{s.op, s.label}
	case "return", "panic":
		if p.flip() {
			return signal{op: s.op}
		}
	case "if", "select":
		return p.list(s.lists[p.rnd.IntN(2)])
	case "switch":
		if i := p.rnd.IntN(3); i < 2 {
			return p.list(s.lists[i])
		}
	case "fall":
		if p.flip() {
			if sig := p.list(s.lists[0]); sig.op != "" || p.flip() {
				return sig
			}
		}
		return p.list(s.lists[1])
	case "for":
		return p.loop(s)
	case "func":
		return p.call(s.lists[0])
	}
	return signal{}
}

func (p *path) loop(s stmt) signal {
	for p.flip() {
		if p.flip() {
			continue
		}
		switch sig := p.list(s.lists[0]); {
		case sig.op == "" || sig.op == "continue" && sig.label == s.label:
		case sig.op == "break" && sig.label == s.label:
			return signal{}
		default:
			return sig
		}
	}
	return signal{}
}

// call runs a function and its deferred calls, latest first.
func (p *path) call(body []stmt) signal {
	outer := p.defers
	p.defers = nil
	sig := p.list(body)
	if sig.op == "panic" || sig.op == "stop" {
		return sig
	}
	for len(p.defers) > 0 {
		d := p.defers[len(p.defers)-1]
		p.defers = p.defers[:len(p.defers)-1]
		p.held[d.lock] = d.op == "defer lock"
	}
	p.defers = outer
	return signal{}
}

func TestEveryPathLiesBetweenMustAndMay(t *testing.T) {
	m := &maker{rnd: rand.New(rand.NewPCG(3, 5))}
	var programs [][]stmt
	var b strings.Builder
	b.WriteString("func at(string)\nvar mu, nu sync.Mutex\nvar cond, other bool\nvar n int\nvar ch chan int\n")
	for i := range 300 {
		body := []stmt{{op: "func", lists: [][]stmt{m.list(3, nil, true)}}, {op: "at", probe: fmt.Sprintf("end %d", i)}}
		programs = append(programs, body)
		fmt.Fprintf(&b, "func G%d() {\n", i)
		write(&b, body)
		b.WriteString("}\n")
	}
	states := probes(summary.Analyze(check.Package(t, b.String()), nil))
	reached := 0
	for i, body := range programs {
		for range 60 {
			p := &path{rnd: m.rnd, held: map[string]bool{}, seen: func(probe string, held map[string]bool) {
				reached++
				if why := outside(states, probe, held); why != "" {
					var src strings.Builder
					write(&src, body)
					t.Fatalf("G%d: at(%q): %s in\n%s", i, probe, why, src.String())
				}
			}}
			p.call(body)
		}
	}
	if reached < 10_000 {
		t.Errorf("only %d probes reached", reached)
	}
}

// probes collects the states at the calls of at, by argument.
func probes(p *summary.Package) map[string]lockset.State {
	out := map[string]lockset.State{}
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			if call, ok := op.Node.(*ast.CallExpr); ok && len(call.Args) == 1 {
				if v := p.Src.Info.Types[call.Args[0]].Value; v != nil && v.Kind() == constant.String {
					out[constant.StringVal(v)] = op.State
				}
			}
		}
	}
	return out
}

// outside says how what is held on a path contradicts the analysis.
func outside(states map[string]lockset.State, probe string, held map[string]bool) string {
	s, ok := states[probe]
	if !ok {
		return "the analysis says that no path leads here"
	}
	for _, lock := range []string{"mu", "nu"} {
		h, may := s.Find("p." + lock)
		switch {
		case held[lock] && !may:
			return lock + " is held, and not in " + stateText(s)
		case !held[lock] && may && h.Must:
			return lock + " is not held, and certain in " + stateText(s)
		}
	}
	return ""
}
