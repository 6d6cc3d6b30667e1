package splice

import (
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/source"
)

// A query finds the nodes of a file by their source text.
type query struct {
	t testing.TB
	p *source.Package
	f *source.File
}

func (q *query) find(text string, is func(ast.Node) bool) ast.Node {
	q.t.Helper()
	var found ast.Node
	tf := q.p.Fset.File(q.f.Syntax.FileStart)
	ast.Inspect(q.f.Syntax, func(n ast.Node) bool {
		if n == nil || found != nil || !is(n) {
			return found == nil
		}
		src := q.f.Content[tf.Offset(n.Pos()):tf.Offset(n.End())]
		if strings.HasPrefix(string(src), text) {
			found = n
		}
		return found == nil
	})
	if found == nil {
		q.t.Fatalf("nothing starts with %q", text)
	}
	return found
}

// stmt returns the first statement whose text starts with text.
func (q *query) stmt(text string) ast.Stmt {
	q.t.Helper()
	return q.find(text, func(n ast.Node) bool { _, ok := n.(ast.Stmt); return ok }).(ast.Stmt)
}

// expr returns the first expression whose text is text.
func (q *query) expr(text string) ast.Expr {
	q.t.Helper()
	return q.find(text, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return false
		}
		tf := q.p.Fset.File(q.f.Syntax.FileStart)
		return string(q.f.Content[tf.Offset(e.Pos()):tf.Offset(e.End())]) == text
	}).(ast.Expr)
}

func (q *query) plan(steps ...fix.Step) *fix.Plan {
	for _, d := range q.f.Syntax.Decls {
		if g, ok := d.(*ast.GenDecl); !ok || g.Tok.String() != "import" {
			return &fix.Plan{Decl: d, Steps: steps}
		}
	}
	q.t.Fatal("no declaration")
	return nil
}

// places are the kinds of statement list, as texts around one.
var places = []struct {
	name         string
	depth        int
	above, below string
}{
	{"function", 1, "func f() {\n", "\n}\n"},
	{"block", 2, "func f() {\nbefore()\n{\n", "\n}\nafter()\n}\n"},
	{"else", 2, "func f() {\nif ok {\n} else {\n", "\n}\n}\n"},
	{"case", 2, "func f() {\nswitch {\ncase ok:\n", "\ncase other:\nafter()\n}\n}\n"},
	{"last case", 2, "func f() {\nswitch {\ncase ok:\n// nothing\ndefault:\n", "\n}\n}\n"},
	{"select clause", 2, "func f() {\nselect {\ncase <-c:\n", "\ndefault:\n}\n}\n"},
	{"function literal", 2, "func f() {\ngo func() {\n", "\n}()\n}\n"},
	{"literal of a variable", 1, "var f = func() {\n", "\n}\n"},
	{"labelled loop", 2, "func f() {\nouter:\nfor {\n", "\n}\n}\n"},
}

type stepTest struct {
	claim string
	src   string // statements
	steps func(q *query) []fix.Step
	want  string // statements, or "refused: reason"
}

var stepTests = []stepTest{
	{"delete: a statement alone", "a()", func(q *query) []fix.Step {
		return []fix.Step{fix.Delete{Stmt: q.stmt("a()")}}
	}, ""},
	{"delete: the wider space stays", "a()\nb()\n\nc()", func(q *query) []fix.Step {
		return []fix.Step{fix.Delete{Stmt: q.stmt("b()")}}
	}, "a()\n\nc()"},
	{"delete: no blank line comes to the top", "a()\n\nb()", func(q *query) []fix.Step {
		return []fix.Step{fix.Delete{Stmt: q.stmt("a()")}}
	}, "b()"},
	{"delete: comments stay and lead nothing", "a()\n// about b\nb() // beside\nc()", func(q *query) []fix.Step {
		return []fix.Step{fix.Delete{Stmt: q.stmt("b()")}}
	}, "a()\n// about b\n// beside\n\nc()"},
	{"delete: drop drops the comment beside only", "a()\n// about b\nb() // beside\nc()", func(q *query) []fix.Step {
		return []fix.Step{fix.Delete{Stmt: q.stmt("b()"), Drop: true}}
	}, "a()\n// about b\n\nc()"},
	{"delete: comments below stay below", "a()\nb()\n// below\n\nc()", func(q *query) []fix.Step {
		return []fix.Step{fix.Delete{Stmt: q.stmt("b()")}}
	}, "a()\n// below\n\nc()"},
	{"delete: comments inside stay", "a()\nif x { // why\n\tb()\n\t// end\n}", func(q *query) []fix.Step {
		return []fix.Step{fix.Delete{Stmt: q.stmt("if x")}}
	}, "a()\n// why\n// end"},
	{"delete: the last one with a comment before the end", "a()\nb()\n\n// end", func(q *query) []fix.Step {
		return []fix.Step{fix.Delete{Stmt: q.stmt("b()")}}
	}, "a()\n\n// end"},
	{"delete: all of them, comments stay", "// one\na()\n\n// end", func(q *query) []fix.Step {
		return []fix.Step{fix.Delete{Stmt: q.stmt("a()")}}
	}, "// one\n\n// end"},
	{"delete: with its label", "a()\n// lead\nlabel: // colon\n\tfor {\n\t\tbreak label\n\t}\nb()", func(q *query) []fix.Step {
		return []fix.Step{fix.Delete{Stmt: q.stmt("label:")}}
	}, "a()\n// lead\n// colon\n\nb()"},

	{"insert: before takes the space above", "a()\n\n// about b\nb()", func(q *query) []fix.Step {
		return []fix.Step{fix.Insert{At: fix.Place{Before: q.stmt("b()")}, Code: fix.Code{Text: "n()"}}}
	}, "a()\n\nn()\n// about b\nb()"},
	{"insert: before, below a section header", "a()\n\n// Section.\n\nb()", func(q *query) []fix.Step {
		return []fix.Step{fix.Insert{At: fix.Place{Before: q.stmt("b()")}, Code: fix.Code{Text: "n()"}}}
	}, "a()\n\n// Section.\n\nn()\nb()"},
	{"insert: before the first", "// about a\na() // beside", func(q *query) []fix.Step {
		return []fix.Step{fix.Insert{At: fix.Place{Before: q.stmt("a()")}, Code: fix.Code{Text: "n()"}}}
	}, "n()\n// about a\na() // beside"},
	{"insert: after keeps the space below", "a() // beside\n// below\n\nb()", func(q *query) []fix.Step {
		return []fix.Step{fix.Insert{At: fix.Place{After: q.stmt("a()")}, Code: fix.Code{Text: "n()"}}}
	}, "a() // beside\nn()\n// below\n\nb()"},
	{"insert: after the last, before a comment", "a()\n\n// end", func(q *query) []fix.Step {
		return []fix.Step{fix.Insert{At: fix.Place{After: q.stmt("a()")}, Code: fix.Code{Text: "n()"}}}
	}, "a()\nn()\n\n// end"},
	{"insert: beside a labelled statement is beside its label", "a()\nlabel:\n\tfor {\n\t\tbreak label\n\t}\nb()", func(q *query) []fix.Step {
		loop := q.stmt("label:").(*ast.LabeledStmt).Stmt
		return []fix.Step{
			fix.Insert{At: fix.Place{Before: loop}, Code: fix.Code{Text: "n()"}},
			fix.Insert{At: fix.Place{After: loop}, Code: fix.Code{Text: "m()"}},
		}
	}, "a()\nn()\nlabel:\n\tfor {\n\t\tbreak label\n\t}\nm()\nb()"},
	{"insert: several statements with their comments", "a()\nb()", func(q *query) []fix.Step {
		return []fix.Step{fix.Insert{At: fix.Place{After: q.stmt("a()")}, Code: fix.Code{Text: "// why\nn()\n\nm() // how\n"}}}
	}, "a()\n// why\nn()\n\nm() // how\nb()"},
	{"insert: arguments come without comments", "x( /* one */ 1, // first\n\t2)", func(q *query) []fix.Step {
		return []fix.Step{fix.Insert{At: fix.Place{After: q.stmt("x(")}, Code: fix.Code{Text: "y := _1_", Args: []ast.Expr{q.stmt("x(").(*ast.ExprStmt).X}}}}
	}, "x( /* one */ 1, // first\n\t2)\ny := x(1,\n\t2)"},
	{"insert: arguments keep together", "_ = a + b", func(q *query) []fix.Step {
		return []fix.Step{fix.Insert{At: fix.Place{After: q.stmt("_ = a + b")}, Code: fix.Code{Text: "c(_1_)\nd := _1_ * 2\n_1_.e()", Args: []ast.Expr{q.expr("a + b")}}}}
	}, "_ = a + b\nc(a + b)\nd := (a + b) * 2\n(a + b).e()"},
	{"insert: a missing argument", "a()", func(q *query) []fix.Step {
		return []fix.Step{fix.Insert{At: fix.Place{After: q.stmt("a()")}, Code: fix.Code{Text: "n(_1_)"}}}
	}, "error: the plan's code has no argument for _1_"},

	{"move: with comments above and beside", "a()\n\n// about b\nb() // beside\n// below\n\nc()\nd()", func(q *query) []fix.Step {
		return []fix.Step{fix.Move{Stmts: []ast.Stmt{q.stmt("b()")}, At: fix.Place{After: q.stmt("c()")}}}
	}, "a()\n\n// below\n\nc()\n// about b\nb() // beside\nd()"},
	{"move: the last one from above a comment", "a()\nb()\n// end", func(q *query) []fix.Step {
		return []fix.Step{fix.Move{Stmts: []ast.Stmt{q.stmt("b()")}, At: fix.Place{Before: q.stmt("a()")}}}
	}, "b()\na()\n// end"},
	{"move: neighbours keep the space between them", "a()\n\nb()\nc()", func(q *query) []fix.Step {
		return []fix.Step{fix.Move{Stmts: []ast.Stmt{q.stmt("a()"), q.stmt("b()")}, At: fix.Place{After: q.stmt("c()")}}}
	}, "c()\na()\n\nb()"},
	{"move: neighbours leave as much space as one", "a()\nb()\n\nc()\nd()", func(q *query) []fix.Step {
		return []fix.Step{fix.Move{Stmts: []ast.Stmt{q.stmt("b()"), q.stmt("c()")}, At: fix.Place{After: q.stmt("d()")}}}
	}, "a()\nd()\nb()\n\nc()"},
	{"move: in the given order", "a() // a\nb() // b\nc()", func(q *query) []fix.Step {
		return []fix.Step{fix.Move{Stmts: []ast.Stmt{q.stmt("b()"), q.stmt("a()")}, At: fix.Place{After: q.stmt("c()")}}}
	}, "c()\nb() // b\na() // a"},
	{"move: a label with its statement", "a()\n// lead\nlabel: // colon\n\tfor {\n\t\tbreak label\n\t}\nb()", func(q *query) []fix.Step {
		return []fix.Step{fix.Move{Stmts: []ast.Stmt{q.stmt("label:")}, At: fix.Place{After: q.stmt("b()")}}}
	}, "a()\nb()\n// lead\nlabel: // colon\n\tfor {\n\t\tbreak label\n\t}"},
	{"move: not without its label", "a()\nlabel:\n\tfor {\n\t\tbreak label\n\t}\nb()", func(q *query) []fix.Step {
		return []fix.Step{fix.Move{Stmts: []ast.Stmt{q.stmt("label:").(*ast.LabeledStmt).Stmt}, At: fix.Place{After: q.stmt("b()")}}}
	}, "refused: a statement to change is not in a statement list"},
	{"move: out of an inner list", "if x { // x\n\t// about a\n\ta()\n\t// end\n}\nb()", func(q *query) []fix.Step {
		return []fix.Step{fix.Move{Stmts: []ast.Stmt{q.stmt("a()")}, At: fix.Place{After: q.stmt("b()")}}}
	}, "if x { // x\n\t// end\n}\nb()\n// about a\na()"},
	{"move: into an inner list", "// about a\na()\nif x { // x\n\tb()\n}", func(q *query) []fix.Step {
		return []fix.Step{fix.Move{Stmts: []ast.Stmt{q.stmt("a()")}, At: fix.Place{After: q.stmt("b()")}}}
	}, "if x { // x\n\tb()\n\t// about a\n\ta()\n}"},
	{"move: into an empty block", "a() // beside\nif x { // x\n\t// empty\n}", func(q *query) []fix.Step {
		return []fix.Step{fix.Move{Stmts: []ast.Stmt{q.stmt("a()")}, At: fix.Place{End: q.stmt("if x").(*ast.IfStmt).Body}}}
	}, "if x { // x\n\t// empty\n\n\ta() // beside\n}"},
	{"move: not into itself", "if x {\n\tb()\n}", func(q *query) []fix.Step {
		return []fix.Step{fix.Move{Stmts: []ast.Stmt{q.stmt("if x")}, At: fix.Place{After: q.stmt("b()")}}}
	}, "refused: a statement to change is not in a statement list"},

	{"replace: comments beside and inside stay", "for range /* a */ s. /* b */ x /* c */ { // d\n}", func(q *query) []fix.Step {
		return []fix.Step{fix.Replace{Old: q.expr("s. /* b */ x"), Code: fix.Code{Text: "y"}}}
	}, "for range /* a */ /* b */ y /* c */ { // d\n}"},
	{"replace: in parentheses that go", "if (a) {\n}", func(q *query) []fix.Step {
		return []fix.Step{fix.Replace{Old: q.expr("a"), Code: fix.Code{Text: "b(_1_)", Args: []ast.Expr{q.expr("a")}}}}
	}, "if b(a) {\n}"},
	{"replace: a weaker expression is protected", "_ = a.b", func(q *query) []fix.Step {
		return []fix.Step{fix.Replace{Old: q.expr("a"), Code: fix.Code{Text: "x + y"}}}
	}, "_ = (x + y).b"},
	{"replace: an operand is protected from what binds no looser", "_ = a - b", func(q *query) []fix.Step {
		return []fix.Step{
			fix.Replace{Old: q.expr("a"), Code: fix.Code{Text: "x + y"}},
			fix.Replace{Old: q.expr("b"), Code: fix.Code{Text: "x + y"}},
		}
	}, "_ = x + y - (x + y)"},
	{"replace: a literal in a header is protected, in a call it need not be", "for range a {\n}\nb(a)", func(q *query) []fix.Step {
		lit := fix.Code{Text: "[]int{1}"}
		return []fix.Step{
			fix.Replace{Old: q.stmt("for range a").(*ast.RangeStmt).X, Code: lit},
			fix.Replace{Old: q.stmt("b(a)").(*ast.ExprStmt).X.(*ast.CallExpr).Args[0], Code: lit},
		}
	}, "for range ([]int{1}) {\n}\nb([]int{1})"},
	{"replace: a pointer or function type before a call is protected", "_ = a(b)", func(q *query) []fix.Step {
		return []fix.Step{fix.Replace{Old: q.expr("a"), Code: fix.Code{Text: "*T"}}}
	}, "_ = (*T)(b)"},
	{"replace: a call of a literal", "a.b()", func(q *query) []fix.Step {
		return []fix.Step{fix.Replace{Old: q.expr("a.b()"), Code: fix.Code{Text: "func() {\n\tx()\n}()"}}}
	}, "func() {\n\tx()\n}()"},
	{"replace: the trailing comment of the statement stays", "return a, b // why", func(q *query) []fix.Step {
		return []fix.Step{
			fix.Replace{Old: q.expr("b"), Code: fix.Code{Text: "result"}},
			fix.Insert{At: fix.Place{Before: q.stmt("return")}, Code: fix.Code{Text: "n()"}},
		}
	}, "n()\nreturn a, result // why"},
	{"replace: an argument is copied as it is then", "_ = a.b", func(q *query) []fix.Step {
		return []fix.Step{
			fix.Replace{Old: q.expr("a"), Code: fix.Code{Text: "x"}},
			fix.Insert{At: fix.Place{After: q.stmt("_ =")}, Code: fix.Code{Text: "n(_1_, _2_)", Args: []ast.Expr{q.expr("a.b"), q.expr("a")}}},
		}
	}, "_ = x.b\nn(x.b, x)"},
	{"replace: a line comment inside", "_ = f(a, // why\n\tb)", func(q *query) []fix.Step {
		return []fix.Step{fix.Replace{Old: q.stmt("_ =").(*ast.AssignStmt).Rhs[0], Code: fix.Code{Text: "x"}}}
	}, "refused: a // comment stands in an expression to replace"},

	{"replaceStmt: comments lead and trail the new ones", "a()\n\n// about b\nb() // beside\n// below\nc()", func(q *query) []fix.Step {
		return []fix.Step{fix.ReplaceStmt{Old: q.stmt("b()"), Code: fix.Code{Text: "n()\nm()"}}}
	}, "a()\n\n// about b\nn()\nm() // beside\n// below\nc()"},
	{"replaceStmt: a place beside the old one is beside the new ones", "a()", func(q *query) []fix.Step {
		return []fix.Step{
			fix.ReplaceStmt{Old: q.stmt("a()"), Code: fix.Code{Text: "n()\nm()"}},
			fix.Insert{At: fix.Place{Before: q.stmt("a()")}, Code: fix.Code{Text: "b()"}},
			fix.Insert{At: fix.Place{After: q.stmt("a()")}, Code: fix.Code{Text: "c()"}},
		}
	}, "b()\nn()\nm()\nc()"},
	{"replaceStmt: comments in a simple statement go above", "a( /* x */ 1) // beside", func(q *query) []fix.Step {
		return []fix.Step{fix.ReplaceStmt{Old: q.stmt("a("), Code: fix.Code{Text: "n()"}}}
	}, "/* x */\nn() // beside"},
	{"replaceStmt: comments in a compound one", "if x {\n\t// why\n}", func(q *query) []fix.Step {
		return []fix.Step{fix.ReplaceStmt{Old: q.stmt("if x"), Code: fix.Code{Text: "n()"}}}
	}, "refused: a comment stands in a statement to replace"},

	{"undefer: comments go along", "// about it\ndefer a() // beside\n// below\n\nb()", func(q *query) []fix.Step {
		return []fix.Step{fix.Undefer{Defer: q.stmt("defer").(*ast.DeferStmt), At: fix.Place{After: q.stmt("b()")}}}
	}, "// below\n\nb()\n// about it\na() // beside"},
	{"undefer: comments behind defer go in front", "defer /* x */ a()\nb()", func(q *query) []fix.Step {
		return []fix.Step{fix.Undefer{Defer: q.stmt("defer").(*ast.DeferStmt), At: fix.Place{After: q.stmt("b()")}}}
	}, "b()\n/* x */ a()"},
	{"undefer: a line comment behind defer goes above", "defer // x\n\ta()\nb()", func(q *query) []fix.Step {
		return []fix.Step{fix.Undefer{Defer: q.stmt("defer").(*ast.DeferStmt), At: fix.Place{After: q.stmt("b()")}}}
	}, "b()\n// x\na()"},
	{"undefer: other steps may stand beside it", "defer a()\nb()\nreturn 1", func(q *query) []fix.Step {
		d := q.stmt("defer").(*ast.DeferStmt)
		return []fix.Step{
			fix.Undefer{Defer: d, At: fix.Place{Before: q.stmt("return")}},
			fix.Move{Stmts: []ast.Stmt{q.stmt("b()")}, At: fix.Place{After: d}},
		}
	}, "a()\nb()\nreturn 1"},
	{"undefer: a function literal", "defer func() {\n\ta() // in it\n}()\nb()", func(q *query) []fix.Step {
		return []fix.Step{fix.Undefer{Defer: q.stmt("defer").(*ast.DeferStmt), At: fix.Place{After: q.stmt("b()")}}}
	}, "b()\nfunc() {\n\ta() // in it\n}()"},

	{"enclose: comments between come along", "a()\n\n// about b\nb() // beside\n\n// between\n\nc()\n// below\n\nd()", func(q *query) []fix.Step {
		return []fix.Step{fix.Enclose{First: q.stmt("b()"), Last: q.stmt("c()"), Code: fix.Code{Text: "func() {\n_body_\n}()"}}}
	}, "a()\n\nfunc() {\n\t// about b\n\tb() // beside\n\n\t// between\n\n\tc()\n}()\n// below\n\nd()"},
	{"enclose: with other code around", "a()\nb()", func(q *query) []fix.Step {
		return []fix.Step{fix.Enclose{First: q.stmt("b()"), Last: q.stmt("b()"), Code: fix.Code{Text: "n()\nif _1_ {\nm()\n_body_\n} else {\nreturn\n}", Args: []ast.Expr{q.stmt("a()").(*ast.ExprStmt).X}}}}
	}, "a()\nn()\nif a() {\n\tm()\n\tb()\n} else {\n\treturn\n}"},
	{"several: an if becomes a for", "a()\n\n// Wait.\nif x { // not yet\n\t// sleep\n\ty() // beside\n\tz()\n} // end\nb()", func(q *query) []fix.Step {
		y, z := q.stmt("y()"), q.stmt("z()")
		return []fix.Step{
			fix.Move{Stmts: []ast.Stmt{y, z}, At: fix.Place{After: q.stmt("if x")}},
			fix.Enclose{First: y, Last: z, Code: fix.Code{Text: "for _1_ {\n_body_\n}", Args: []ast.Expr{q.stmt("if x").(*ast.IfStmt).Cond}}},
			fix.Delete{Stmt: q.stmt("if x")},
		}
	}, "a()\n\n// Wait.\n// not yet\n// end\n\nfor x {\n\t// sleep\n\ty() // beside\n\tz()\n}\nb()"},
	{"several: code takes the wide space and a block gives it back", "a()\nfor range c {\n}\n\n// done\nreturn x", func(q *query) []fix.Step {
		at := fix.Place{Before: q.stmt("return")}
		return []fix.Step{
			fix.Insert{At: at, Code: fix.Code{Text: "n()"}},
			fix.Move{Stmts: []ast.Stmt{q.stmt("for range c")}, At: at},
		}
	}, "a()\n\nn()\nfor range c {\n}\n\n// done\nreturn x"},
	{"enclose: statements of two lists", "if x {\n\ta()\n}\nb()", func(q *query) []fix.Step {
		return []fix.Step{fix.Enclose{First: q.stmt("a()"), Last: q.stmt("b()"), Code: fix.Code{Text: "if ok {\n_body_\n}"}}}
	}, "refused: the statements to enclose are not in one list"},
}

// TestSteps carries out each row in a list of every kind, and, where that makes
// a difference, in a file that is not formatted and in one with CRLF.
func TestSteps(t *testing.T) {
	for _, test := range stepTests {
		for _, place := range places {
			t.Run(test.claim+"/"+place.name, func(t *testing.T) {
				file := func(stmts string) string {
					tabs := "\n" + strings.Repeat("\t", place.depth)
					return formatTest(t, "package p\n\n// f is a test.\n"+
						place.above+tabs[1:]+strings.ReplaceAll(stmts, "\n", tabs)+place.below)
				}
				src := file(test.src)
				got, err := doSteps(t, src, test.steps)
				if reason, ok := strings.CutPrefix(test.want, "refused: "); ok {
					var refused *Refused
					if !errors.As(err, &refused) || refused.Reason != reason {
						t.Errorf("got %v, want a refusal: %s\n%s", err, reason, got)
					}
					return
				}
				if reason, ok := strings.CutPrefix(test.want, "error: "); ok {
					if err == nil || !strings.HasSuffix(err.Error(), reason) {
						t.Errorf("got %v, want an error: %s", err, reason)
					}
					return
				}
				if err != nil {
					t.Fatalf("%v\n%s", err, src)
				}
				want := file(test.want)
				if got != want && (test.want != "" || squash([]byte(got)) != squash([]byte(want))) {
					t.Errorf("want, got:\n%s", edit.Unified("want", "got", []byte(want), []byte(got)))
				}
				crlf, err := doSteps(t, string(toCRLF([]byte(src))), test.steps)
				if err != nil || string(toLF([]byte(crlf))) != got {
					t.Errorf("with CRLF: %v\n%s", err, crlf)
				}
			})
		}
	}
}

func doSteps(t *testing.T, src string, steps func(*query) []fix.Step) (string, error) {
	t.Helper()
	p, f := load("p.go", []byte(src))
	q := &query{t: t, p: p, f: f}
	res, err := Do(p, f, q.plan(steps(q)...))
	if err == nil && strings.Contains(src, "\r") == strings.Contains(src, "\n") {
		res2, err2 := Do(p, f, q.plan(steps(q)...))
		if err2 != nil || string(res2.Content) != string(res.Content) {
			return "", fmt.Errorf("a second run gives something else: %v", err2)
		}
	}
	return string(res.Content), err
}

func formatTest(t *testing.T, src string) string {
	t.Helper()
	out, err := format.Source([]byte(src))
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	return string(out)
}
