package splice

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/build"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/source"
)

// A maker makes plans that mean nothing, out of the statements that a
// declaration has.
type maker struct {
	rnd   *rand.Rand
	decl  ast.Decl
	lists [][]ast.Stmt
	exprs []ast.Expr

	yields bool // a step has given the function results
}

func newMaker(rnd *rand.Rand, decl ast.Decl) *maker {
	m := &maker{rnd: rnd, decl: decl}
	add := func(list []ast.Stmt) {
		var full []ast.Stmt
		for _, s := range list {
			if _, empty := s.(*ast.EmptyStmt); !empty {
				full = append(full, s)
			}
		}
		if len(full) > 0 {
			m.lists = append(m.lists, full)
		}
	}
	ast.Inspect(decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			if !clauses(n) {
				add(n.List)
			}
		case *ast.CaseClause:
			add(n.Body)
		case *ast.CommClause:
			add(n.Body)
		case *ast.RangeStmt:
			m.exprs = append(m.exprs, n.X)
		case *ast.CallExpr:
			m.exprs = append(m.exprs, n.Args...)
		case *ast.ReturnStmt:
			m.exprs = append(m.exprs, n.Results...)
		}
		return true
	})
	return m
}

// clauses reports whether a block is the body of a switch or select.
func clauses(b *ast.BlockStmt) bool {
	for _, s := range b.List {
		switch s.(type) {
		case *ast.CaseClause, *ast.CommClause:
			return true
		}
	}
	return false
}

// stmts returns up to n neighbours of one list.
func (m *maker) stmts(n int) []ast.Stmt {
	list := m.lists[m.rnd.IntN(len(m.lists))]
	i := m.rnd.IntN(len(list))
	return list[i:min(i+1+m.rnd.IntN(n), len(list))]
}

// place returns one beside a statement, not within a run of others if that can
// be had.
func (m *maker) place(run ...ast.Stmt) fix.Place {
	s := m.stmts(1)[0]
	for range 5 {
		if len(run) == 0 || s.End() <= run[0].Pos() || s.Pos() >= run[len(run)-1].End() {
			break
		}
		s = m.stmts(1)[0]
	}
	if m.rnd.IntN(2) == 0 {
		return fix.Place{Before: s}
	}
	return fix.Place{After: s}
}

func (m *maker) code() fix.Code {
	code := fix.Code{Text: []string{"zz()", "zz := 1", "if zz {\nzz()\n}", "zz()\nzz()"}[m.rnd.IntN(4)]}
	if len(m.exprs) > 0 && m.rnd.IntN(2) == 0 {
		code = fix.Code{Text: "zz := zz.Clone(_1_)", Args: []ast.Expr{m.expr()}}
	}
	return code
}

func (m *maker) expr() ast.Expr { return m.exprs[m.rnd.IntN(len(m.exprs))] }

func (m *maker) step() fix.Step {
	switch m.rnd.IntN(8) {
	case 0:
		// No strategy deletes what has a label: comments between the two are
		// refused.
		if s := m.stmts(1)[0]; !labelled(s) {
			return fix.Delete{Stmt: s, Drop: m.rnd.IntN(3) == 0}
		}
	case 1:
		return fix.ReplaceStmt{Old: m.stmts(1)[0], Code: m.code()}
	case 2:
		if len(m.exprs) > 0 {
			return fix.Replace{Old: m.expr(), Code: fix.Code{Text: "zz"}}
		}
	case 3:
		run := m.stmts(3)
		return fix.Enclose{First: run[0], Last: run[len(run)-1], Code: fix.Code{Text: "func() {\n_body_\n}()"}}
	case 4:
		if d, ok := m.stmts(1)[0].(*ast.DeferStmt); ok {
			return fix.Undefer{Defer: d, At: m.place()}
		}
	case 5:
		return fix.Insert{At: m.place(), Code: m.code()}
	case 6:
		if fd, ok := m.decl.(*ast.FuncDecl); ok && fd.Type.Results == nil && fd.Body != nil && !m.yields {
			m.yields = true
			return fix.Yield{Fn: fd, Text: "(zz []func())"}
		}
	}
	run := m.stmts(3)
	return fix.Move{Stmts: run, At: m.place(run...)}
}

func labelled(s ast.Stmt) bool {
	_, ok := s.(*ast.LabeledStmt)
	return ok
}

// plan returns a plan of a few steps, nil if the declaration has no statements.
func (m *maker) plan() *fix.Plan {
	if len(m.lists) == 0 {
		return nil
	}
	plan := &fix.Plan{Decl: m.decl}
	for range 1 + m.rnd.IntN(3) {
		plan.Steps = append(plan.Steps, m.step())
	}
	return plan
}

// excused reports whether an error is one that a senseless plan, or a text that
// is not to be rewritten, may bring about. That the audit finds something is
// not: it means that the work was done wrong.
func excused(err error) bool {
	var refused *Refused
	if !errors.As(err, &refused) {
		// A step on what an earlier one has replaced.
		return strings.HasSuffix(err.Error(), "the plan replaces an expression that is gone") ||
			strings.HasSuffix(err.Error(), "that it has replaced")
	}
	for _, reason := range []string{
		"the file is not to be edited: generated",
		"the file is not to be edited: cgo",
		"a statement to change is not in a statement list",
		"the statements to enclose are not in one list",
		"a comment stands in a statement to replace",
		"a // comment stands in an expression to replace",
		"a //line directive stands in the declaration",
		"the declaration shares a line with something else",
		"formatting the declaration changes its tokens",
	} {
		if refused.Reason == reason {
			return true
		}
	}
	return false
}

// stress makes plans for the declarations of a file and carries them out on
// it, and on the file with CRLF and mangled, which must come to the same.
func stress(t *testing.T, name string, src []byte, rnd *rand.Rand, plans int) (done, refused int) {
	p, f := loadSyntax(name, src)
	if len(f.Syntax.Decls) == 0 {
		return 0, 0
	}
	for range plans {
		i := rnd.IntN(len(f.Syntax.Decls))
		seed := rnd.Uint64()
		plan := newMaker(rand.New(rand.NewPCG(seed, 0)), f.Syntax.Decls[i]).plan()
		if plan == nil {
			continue
		}
		res, err := Do(p, f, plan)
		if err != nil {
			refused++
			if !excused(err) {
				t.Errorf("%s:%v: %v\n%s", name, p.Position(plan.Decl.Pos()).Line, err, describe(p, plan))
			}
			continue
		}
		done++
		if got, err := edit.Apply(src, res.Edits); err != nil || !bytes.Equal(got, res.Content) {
			t.Errorf("%s: the edits do not make the content: %v", name, err)
		}
		if bytes.Contains(src, []byte("\r")) || !formattedSource(src) {
			continue
		}
		for way, other := range map[string]func([]byte) []byte{"CRLF": toCRLF, "mangled": mangle, "BOM": withBOM} {
			written := other(src)
			if bytes.Equal(written, src) {
				t.Errorf("%s, %s: not another text", name, way)
			}
			p, f := loadSyntax(name, written)
			got, err := Do(p, f, newMaker(rand.New(rand.NewPCG(seed, 0)), f.Syntax.Decls[i]).plan())
			if err != nil {
				t.Errorf("%s, %s: %v\n%s", name, way, err, describe(p, plan))
				continue
			}
			if bytes.HasPrefix(written, bom) != bytes.HasPrefix(got.Content, bom) {
				t.Errorf("%s, %s: the byte order mark was not kept", name, way)
			}
			if out, err := format.Source(bytes.TrimPrefix(got.Content, bom)); err != nil || !bytes.Equal(out, res.Content) {
				t.Errorf("%s, %s: %v\n%s%s", name, way, err, describe(p, plan), edit.Unified("plain", way, res.Content, out))
			}
		}
	}
	return done, refused
}

var bom = []byte("\ufeff")

func withBOM(src []byte) []byte { return append(bytes.Clone(bom), src...) }

// mangle writes a formatted file with other white space: spaces for tabs at
// the start of lines, two for one, and white space on blank lines. Lines of raw strings and of
// comments are left alone.
func mangle(src []byte) []byte {
	protected := make([]bool, len(src)+1)
	for _, tok := range scan(src) {
		if tok.tok == token.COMMENT || tok.tok == token.STRING || tok.tok == token.CHAR {
			for i := tok.off + 1; i < tok.end && i < len(src); i++ {
				protected[i] = true
			}
		}
	}
	var out bytes.Buffer
	bol := true
	for i, c := range src {
		switch {
		case protected[i]:
			out.WriteByte(c)
		case bol && c == '\t':
			out.WriteString("   ")
			continue
		case bol && c == '\n':
			out.WriteString(" \t\n")
		case c == ' ':
			out.WriteString("  ")
		default:
			out.WriteByte(c)
		}
		bol = c == '\n' && !protected[i]
	}
	return out.Bytes()
}

func describe(p *source.Package, plan *fix.Plan) string {
	var b strings.Builder
	line := func(n ast.Node) int { return p.Position(n.Pos()).Line }
	at := func(at fix.Place) string {
		if at.Before != nil {
			return fmt.Sprintf("before line %d", line(at.Before))
		}
		return fmt.Sprintf("after line %d", line(at.After))
	}
	for _, s := range plan.Steps {
		switch s := s.(type) {
		case fix.Delete:
			fmt.Fprintf(&b, "delete line %d, drop %v\n", line(s.Stmt), s.Drop)
		case fix.ReplaceStmt:
			fmt.Fprintf(&b, "replace statement on line %d by %q\n", line(s.Old), s.Text)
		case fix.Replace:
			fmt.Fprintf(&b, "replace %T on line %d\n", s.Old, line(s.Old))
		case fix.Enclose:
			fmt.Fprintf(&b, "enclose lines %d to %d\n", line(s.First), line(s.Last))
		case fix.Yield:
			fmt.Fprintf(&b, "yield %s\n", s.Text)
		case fix.Undefer:
			fmt.Fprintf(&b, "undefer line %d %s\n", line(s.Defer), at(s.At))
		case fix.Insert:
			fmt.Fprintf(&b, "insert %q %s\n", s.Text, at(s.At))
		case fix.Move:
			for _, m := range s.Stmts {
				fmt.Fprintf(&b, "move line %d %s\n", line(m), at(s.At))
			}
		}
	}
	return b.String()
}

// loadSyntax makes a package of one file whose imports and bodies nobody looks
// at.
func loadSyntax(name string, content []byte) (*source.Package, *source.File) {
	p := source.Check(token.NewFileSet(), source.Config{Path: "p", Bodies: true}, []source.Input{{Name: name, Content: content}})
	p.Errors = nil
	if len(p.Files) == 0 {
		return p, nil
	}
	return p, p.Files[0]
}

var (
	stressFiles = flag.Int("stress.files", 40, "how many files TestStress takes, 0 for all")
	stressPlans = flag.Int("stress.plans", 4, "how many plans TestStress makes a file")
	stressSeed  = flag.Uint64("stress.seed", 1, "which plans TestStress makes")
	stressRoots = flag.String("stress.roots", "", "directories of Go files for TestStress and FuzzDo, separated by commas; none: some of the standard library")
)

// sources lists the Go files below stress.roots, in an order that seed decides.
func sources(t testing.TB, seed uint64) []string {
	var names []string
	visit := func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, ".go") {
			names = append(names, path)
		}
		return err
	}
	if *stressRoots == "" {
		for _, dir := range []string{"net", "net/http", "os", "sync", "time", "go/ast", "go/printer", "database/sql", "runtime", "testing", "internal/poll", "context", "crypto/tls"} {
			found, err := filepath.Glob(filepath.Join(build.Default.GOROOT, "src", dir, "*.go"))
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, found...)
		}
	} else {
		for root := range strings.SplitSeq(*stressRoots, ",") {
			if err := filepath.WalkDir(root, visit); err != nil {
				t.Fatal(err)
			}
		}
	}
	rand.New(rand.NewPCG(seed, 2)).Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return names
}

// TestStress carries out senseless plans on other people's files.
func TestStress(t *testing.T) {
	rnd := rand.New(rand.NewPCG(*stressSeed, 3))
	done, refused, used := 0, 0, 0
	for _, name := range sources(t, *stressSeed) {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if *stressFiles > 0 && (len(src) > 40_000 || used == *stressFiles) {
			continue
		}
		if _, err := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution); err != nil {
			continue // a file that is wrong on purpose
		}
		used++
		d, r := stress(t, name, src, rnd, *stressPlans)
		done, refused = done+d, refused+r
	}
	t.Logf("%d plans carried out, %d refused, in %d files", done, refused, used)
	if done < refused {
		t.Errorf("only %d plans were carried out", done)
	}
}
