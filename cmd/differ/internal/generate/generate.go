package generate

import (
	"fmt"
	"go/format"
	"math/rand/v2"
	"strings"
)

// A Program is one generated file and what it is made of.
type Program struct {
	ID     int
	Parts  []string
	Source string
}

// Support declares what programs record by. Instrumented programs get the real
// one.
const Support = `package p

// record notes what a goroutine saw.
func record(label string, v int) {}

// daemon says that the goroutine may be left waiting.
func daemon() {}
`

// New generates a program.
func New(seed uint64, id int) (Program, error) {
	g := &gen{Rand: rand.New(rand.NewPCG(seed, uint64(id))), id: id}
	g.program()
	text, err := format.Source([]byte(g.text()))
	if err != nil {
		return Program{}, fmt.Errorf("format program %d: %w\n%s", id, err, g.text())
	}
	return Program{ID: id, Parts: g.names, Source: string(text)}, nil
}

// A gen draws one program.
type gen struct {
	*rand.Rand
	id    int
	names []string // of the parts

	lock             string // what is locked in methods: "s.mu", "s", "mu7"
	rw               bool
	pointer          bool   // the lock is reached through a pointer
	typ              string // of the object
	fields           []string
	inits            []string // statements of run behind the making of s
	decls            []string // types, functions and methods
	peers            []string // go statements
	calls            []string // expressions of type int for the scripts
	finals           []string // statements at the end of run
	uses             map[string]bool
	fresh            int
	next, sum, check string // helpers that need the lock
}

// program draws the parts and what is common to them.
func (g *gen) program() {
	g.typ = g.name("box")
	g.uses = map[string]bool{"sync": true}
	g.chooseLock()
	g.fields = append(g.fields, "n int", "flag bool", "items []int", "m map[int]int", "max int // set once")
	g.next, g.sum, g.check = g.pick("next", "nextLocked"), g.pick("sum", "sum", "sumLocked"), g.pick("check", "checkLocked")
	first := g.part()
	g.add(first)
	if g.chance(.25) {
		if second := g.part(); second.name != first.name {
			g.add(second)
		}
	}
	g.common()
}

func (g *gen) add(p part) {
	g.names = append(g.names, p.name)
	p.add(g)
}

// chooseLock draws how the lock is spelled.
func (g *gen) chooseLock() {
	g.rw = g.chance(.25)
	kind := "sync.Mutex"
	if g.rw {
		kind = "sync.RWMutex"
	}
	switch g.IntN(8) {
	case 0:
		g.lock = "s"
		g.fields = append(g.fields, kind)
	case 1:
		g.lock = g.name("mu")
		g.decls = append(g.decls, fmt.Sprintf("var %s %s // guards every %s", g.lock, kind, g.typ))
	case 2:
		g.lock = "s.mu"
		g.fields = append(g.fields, "mu *"+kind)
		g.pointer = true
		g.inits = append(g.inits, "s.mu = new("+kind+")")
	default:
		g.lock = "s.mu"
		g.fields = append(g.fields, "mu "+kind)
	}
}

// common adds helpers and plain accessors, which every program has.
func (g *gen) common() {
	lock, unlock := "Lock", "Unlock"
	if g.rw {
		lock, unlock = "RLock", "RUnlock"
	}
	g.method("// get returns the count.\nfunc (s *%s) get() int {\n%s.%s()\ndefer %s.%s()\nreturn s.n\n}", g.typ, g.lock, lock, g.lock, unlock)
	g.method("func (s *%s) add(v int) int {\n%s.Lock()\ns.n += v\nr := s.n\n%s.Unlock()\nreturn r\n}", g.typ, g.lock, g.lock)
	g.method("// %s needs the lock.\nfunc (s *%s) %s() int {\nt := 0\nfor _, x := range s.items {\nt += x\n}\nreturn t\n}", g.sum, g.typ, g.sum)
	g.method("// %s needs the lock, and counts.\nfunc (s *%s) %s() int {\ns.n++\nreturn s.n\n}", g.next, g.typ, g.next)
	g.method("// %s panics for some values.\nfunc (s *%s) %s(v int) {\nif v > s.max {\npanic(\"too large\")\n}\n}", g.check, g.typ, g.check)
	g.calls = append(g.calls, "s.get()", fmt.Sprintf("s.add(%d)", 1+g.IntN(3)))
	g.finals = append(g.finals, `record("end", s.n)`, `record("end", s.`+g.sum+`())`, `record("end", len(s.m))`)
}

// text puts the file together.
func (g *gen) text() string {
	var b strings.Builder
	b.WriteString("package p\n\nimport (\n")
	for _, path := range []string{"container/heap", "container/list", "context", "errors", "fmt", "runtime", "sync", "time"} {
		if g.uses[path] {
			fmt.Fprintf(&b, "%q\n", path)
		}
	}
	fmt.Fprintf(&b, ")\n\n// A %s is what the lock guards.\ntype %s struct {\n%s\n}\n\n", g.typ, g.typ, strings.Join(g.fields, "\n"))
	b.WriteString(strings.Join(g.decls, "\n\n"))
	fmt.Fprintf(&b, "\n\nfunc run%d() {\ns := &%s{m: map[int]int{}, items: []int{1}, max: %d}\n%s\n", g.id, g.typ, 2+g.IntN(5), strings.Join(g.inits, "\n"))
	b.WriteString(strings.Join(g.peers, "\n"))
	b.WriteString("\nvar wg sync.WaitGroup\n")
	for i := range 2 + g.IntN(5)/4 {
		g.script(&b, fmt.Sprintf("g%d", i))
	}
	b.WriteString("wg.Wait()\n")
	b.WriteString(g.lock + ".Lock()\n" + strings.Join(g.finals, "\n") + "\n" + g.lock + ".Unlock()\n}\n")
	return b.String()
}

// script writes a goroutine that calls some methods.
func (g *gen) script(b *strings.Builder, label string) {
	b.WriteString("wg.Add(1)\ngo func() {\ndefer wg.Done()\n")
	for range 1 + g.IntN(5)/2 {
		i := g.IntN(len(g.calls))
		if g.chance(.6) && len(g.calls) > 2 {
			i = g.IntN(len(g.calls) - 2) // not get and add, which come last
		}
		call := fmt.Sprintf("record(%q, %s)\n", label, g.calls[i])
		if g.chance(.7) {
			call = "func() {\ndefer func() {\nif recover() != nil {\nrecord(\"" + label + "\", -1)\n}\n}()\n" + call + "}()\n"
		}
		b.WriteString(call)
	}
	fmt.Fprintf(b, "record(%q, 999)\n}()\n", label)
}

func (g *gen) method(format string, args ...any) {
	g.decls = append(g.decls, fmt.Sprintf(format, args...))
}

// name makes a name of top level.
func (g *gen) name(base string) string { return fmt.Sprintf("%s%d", base, g.id) }

func (g *gen) chance(p float64) bool { return g.Float64() < p }

func (g *gen) pick(of ...string) string { return of[g.IntN(len(of))] }

// local makes a name that is new in the program, or tempts by not being so.
func (g *gen) local() string {
	g.fresh++
	return fmt.Sprintf("x%d", g.fresh)
}
