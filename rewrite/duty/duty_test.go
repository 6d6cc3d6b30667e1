package duty_test

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/duty"
	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/uses"
)

const prelude = `
var errA = errors.New("a")
type thing struct { Body *thing; N int }
func (*thing) Close() {}
func (*thing) Look() bool { return true }
func begin() {}
func try() bool { return true }
func fallible() error { return nil }
func end() {}
func makes() (*thing, error) { return nil, nil }
func makesFunc() func() { return nil }
func keep(any) {}
func stop() { panic("stop") }
var global any
`

// leaks spells the leaks of function f: "exit 3", the line counted in the body.
// begin, try, fallible, makes and makesFunc begin the duty, end ends it.
func leaks(t *testing.T, body string) []string {
	t.Helper()
	p := check.Package(t, prelude+"func f(c, e bool, n int, list []int) (err error) {\n"+body+"\nreturn nil }")
	u := uses.New(p)
	var fd *ast.FuncDecl
	for _, d := range p.Files[0].Syntax.Decls {
		if x, ok := d.(*ast.FuncDecl); ok && x.Name.Name == "f" && x.Recv == nil {
			fd = x
		}
	}
	named := func(call *ast.CallExpr, names ...string) bool {
		id, ok := call.Fun.(*ast.Ident)
		return ok && slices.Contains(names, id.Name)
	}
	code := &duty.Code{Info: p.Info, Block: fd.Body, Parent: u.Parent, MayReturn: func(c *ast.CallExpr) bool { return !named(c, "panic", "stop") }}
	d := &duty.Duty{Closes: func(name string) bool { return name == "Close" }}
	ast.Inspect(fd.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		df, deferred := u.Parent(call).(*ast.DeferStmt)
		lit, inLit := u.Enclosing(call).(*ast.FuncLit)
		switch {
		case named(call, "recover"):
			code.Recovers = true
		case named(call, "end") && deferred:
			d.Defers = append(d.Defers, df)
		case named(call, "end") && inLit:
			d.Gives = append(d.Gives, lit)
		case named(call, "end"):
			d.Ends = append(d.Ends, call)
		case named(call, "begin", "try", "fallible", "makes", "makesFunc"):
			d.Begin, d.Fallible = call, named(call, "try", "fallible", "makes")
			if as, ok := u.Parent(call).(*ast.AssignStmt); ok && named(call, "makes", "makesFunc") {
				v, _ := p.Info.ObjectOf(as.Lhs[0].(*ast.Ident)).(*types.Var)
				d.Values = append(d.Values, v)
			}
		}
		return true
	})
	start := p.Position(fd.Body.Lbrace).Line
	var out []string
	for _, l := range duty.Leaks(code, d) {
		text := map[duty.Kind]string{duty.Exit: "exit", duty.Panic: "panic", duty.Again: "again", duty.Nested: "nested", duty.Lost: "lost", duty.Hit: "hit"}[l.Kind]
		pos := l.At.Pos()
		if b, ok := l.At.(*ast.BlockStmt); ok {
			pos = b.Rbrace
		}
		text = fmt.Sprintf("%s %d", text, p.Position(pos).Line-start)
		if !l.Must {
			text += " maybe"
		}
		if l.Took != nil {
			text += fmt.Sprintf(" took %d", p.Position(l.Took.Pos()).Line-start)
		}
		out = append(out, text)
	}
	return out
}

func TestLeaks(t *testing.T) {
	for _, row := range []struct{ claim, body, want string }{
		{"a return ahead of the end leaks", "begin()\nif c { return nil }\nend()", "exit 2"},
		{"the end of the body leaks where a branch ends it", "begin()\nif c {\nend()\n}", "exit 5 maybe"},
		{"conditions that are spelled alike agree", "if c {\nbegin()\n}\nif c {\nend()\n}", ""},
		{"also negated, with the branches turned", "if !c {\nn++\n} else {\nbegin()\n}\nif !c {\nreturn nil\n}\nend()", ""},
		{"and through && of the same", "if c && e {\nbegin()\n}\nif c && e {\nend()\n}", ""},
		{"comparisons and their opposites agree", "if n > 3 {\nbegin()\n}\nif n <= 3 {\nreturn nil\n}\nend()", ""},
		{"a condition is forgotten when its variable changes", "if c {\nbegin()\n}\nc = list == nil\nif c {\nend()\n}", "exit 8 maybe"},
		{"a flag that is set tells", "begin()\nheld := true\nif n == 0 {\nend()\nheld = false\n}\nif held {\nend()\n}", ""},
		{"a switch compares its tag", "switch n {\ncase 1:\nbegin()\n}\nif n == 1 {\nend()\n}", ""},
		{"a deferred end covers all later exits", "begin()\ndefer end()\nif c {\nreturn nil\n}", ""},
		{"but none before it", "begin()\nif c {\nreturn nil\n}\ndefer end()", "exit 3"},
		{"a deferred end registered ahead of it covers all", "defer end()\nbegin()\nif c {\nreturn nil\n}", ""},
		{"a continue begins it again", "for range list {\nbegin()\nif c {\ncontinue\n}\nend()\n}", "again 4|exit 8 maybe"},
		{"so does the end of the loop", "for range list {\nbegin()\nif c {\nend()\n}\n}", "again 2|exit 7 maybe"},
		{"a deferred end in a loop comes too late", "for range list {\nbegin()\ndefer end()\n}", "nested 2"},
		{"one that leaves the loop does not", "for range list {\nbegin()\ndefer end()\nbreak\n}", ""},
		{"where it was not begun nothing leaks", "if !try() {\nreturn nil\n}\nend()", ""},
		{"where an error says so neither", "if err := fallible(); err != nil {\nreturn err\n}\nend()", ""},
		{"whatever asks about the error", "err = fallible()\nif errors.Is(err, errA) {\nreturn nil\n}\nswitch err {\ncase nil:\ncase errA:\nreturn nil\ndefault:\nreturn err\n}\nend()", ""},
		{"an error that nobody looks at begins nothing", "fallible()\nif c {\nreturn nil\n}\nend()", ""},
		{"another error under the same name says nothing", "err = fallible()\nif err != nil {\nreturn err\n}\nerr = errA\nif err != nil {\nreturn err\n}\nend()", "exit 7"},
		{"a panic that nobody recovers is no exit", "begin()\nif c {\npanic(1)\n}\nend()", ""},
		{"one that is recovered is", "defer func() { _ = recover() }()\nbegin()\nif c {\npanic(1)\n}\nend()", "panic 4"},
		{"nor is a call that does not return", "begin()\nif c {\nstop()\n}\nend()", ""},
		{"a select begins in the clause that is chosen", "select {\ncase <-make(chan int):\nbegin()\ndefault:\nreturn nil\n}\nend()", ""},

		{"a value that is closed is ended", "x, err := makes()\nif err != nil {\nreturn err\n}\nif c {\nreturn nil\n}\nx.Close()", "exit 6"},
		{"what is nil needs no end", "x, err := makes()\nif x != nil {\nx.Close()\n}\nif err != nil {\nreturn err\n}", ""},
		{"a look is no end", "x, _ := makes()\nif x.Look() {\nx.N++\n}", ""},
		{"an argument hands it on", "x, err := makes()\nif err != nil {\nreturn err\n}\nkeep(x)", ""},
		{"so does an assignment to what others see", "x, err := makes()\nif err != nil {\nreturn err\n}\nglobal = x", ""},
		{"and its address", "x, err := makes()\nif err != nil {\nreturn err\n}\nkeep(&x)", ""},
		{"an assertion of its type may always hold", "x, err := makes()\nif err != nil {\nreturn err\n}\nvar y any = x\nif z, ok := y.(*thing); ok {\nz.Close()\n}", ""},
		{"a goroutine takes it", "x, err := makes()\nif err != nil {\nreturn err\n}\ngo func() { x.Close() }()", ""},
		{"a deferred literal takes it", "x, err := makes()\nif err != nil {\nreturn err\n}\ndefer func() { if c { x.Close() } }()", ""},
		{"a local variable leaves it here", "x, err := makes()\nif err != nil {\nreturn err\n}\ny := x\nif c {\nreturn nil\n}\nkeep(y)", "exit 7 took 5"},
		{"so does a composite literal", "x, err := makes()\nif err != nil {\nreturn err\n}\ny := &thing{Body: x}\nif c {\nreturn nil\n}\nkeep(y)", "exit 7 took 5"},
		{"a method of what it is wrapped in may end it", "x, err := makes()\nif err != nil {\nreturn err\n}\ny := &thing{Body: x}\ny.Look()", ""},
		{"a function is ended by its call", "f := makesFunc()\nif c {\nreturn nil\n}\nf()", "exit 3"},
		{"a literal that calls it stands for it", "f := makesFunc()\ng := func() { f() }\nif c {\nreturn nil\n}\ng()", "exit 4 took 2"},
		{"overwriting the last variable loses it", "f := makesFunc()\nf = nil\nkeep(f)", "lost 2"},
		{"a blank assignment says that it is known", "f := makesFunc()\n_ = f", ""},
		{"a literal that ends it stands for it", "begin()\ng := func() { end() }\nif c {\nreturn nil\n}\ng()", "exit 4 took 2"},
		{"handed on, it has it", "begin()\nkeep(func() { end() })", ""},
	} {
		t.Run(row.claim, func(t *testing.T) {
			if got := strings.Join(leaks(t, row.body), "|"); got != row.want {
				t.Errorf("got %q, want %q in\n%s", got, row.want, row.body)
			}
		})
	}
}

// A body may start with the duty, and an object may hold it in a field.
func TestBegunAtEntryOrWrapped(t *testing.T) {
	for _, row := range []struct {
		claim, body string
		entry       bool
		want        int
	}{
		{"a body that starts with it leaves it behind", "if c {\nreturn\n}\no.Close()", true, 1},
		{"or ends it", "defer o.Close()\nif c {\nreturn\n}", true, 0},
		{"a loop over a ticker has no end", "for range tick.C {\nif c {\no.Close()\nreturn\n}\n}", true, 0},
		{"who drops the object drops what its field keeps", "o.Body = makesIt()\nif c {\nreturn\n}\nkeep(o)", false, 1},
		{"its field stands for it", "o.Body = makesIt()\nif c {\no.Body.Close()\nreturn\n}\nkeep(o)", false, 0},
		{"what a method of the object does is not followed", "o.Body = makesIt()\no.Look()", false, 0},
		{"a look at another field is no end", "o.Body = makesIt()\nif o.N > 0 {\nreturn\n}\no.Close()", false, 1},
	} {
		t.Run(row.claim, func(t *testing.T) {
			p := check.Package(t, prelude+"func makesIt() *thing { return nil }\nfunc f(o *thing, tick *time.Ticker, c bool) {\n"+row.body+"\n}")
			u := uses.New(p)
			fd := p.Files[0].Syntax.Decls[len(p.Files[0].Syntax.Decls)-1].(*ast.FuncDecl)
			o, _ := p.Info.Defs[fd.Type.Params.List[0].Names[0]].(*types.Var)
			d := &duty.Duty{Begin: fd.Type, Entry: row.entry, Values: []*types.Var{o}, Closes: func(name string) bool { return name == "Close" }}
			if !row.entry {
				d.Wrapped, d.Field = true, "Body"
				d.Begin = fd.Body.List[0].(*ast.AssignStmt).Rhs[0]
			}
			code := &duty.Code{Info: p.Info, Block: fd.Body, Parent: u.Parent, MayReturn: func(*ast.CallExpr) bool { return true }}
			if got := duty.Leaks(code, d); len(got) != row.want {
				t.Errorf("got %d leaks, want %d in\n%s", len(got), row.want, row.body)
			}
		})
	}
}

func TestManyBranchesEnd(t *testing.T) {
	body := "begin()\n" + strings.Repeat("if n == len(list) { n++ } else { list = nil }\n", 60) + "if c { return nil }\nend()"
	if got := leaks(t, body); len(got) != 1 {
		t.Errorf("got %v", got)
	}
	for i := range 20 {
		body = fmt.Sprintf("var b%d bool\nkeep(&b%[1]d)\nif b%[1]d { keep(1) }\nif b%[1]d { keep(2) }\n", i) + body
	}
	if got := leaks(t, body); len(got) > 1 { // too many states: nothing, or the one
		t.Errorf("got %v", got)
	}
}
