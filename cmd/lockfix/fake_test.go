package main

import (
	"cmp"
	"go/ast"
	"go/types"
	"os"
	"strings"
	"time"

	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// The fake analysis reports calls of functions by their name, so that scripts
// say what they want to see found. It stands in for package rewrite only: all
// else in the scripts is real.
var (
	fakeEngine = rewrite.Engine{Summarize: fakeSummarize, Find: fakeFind}
	fakeRules  = []*rule.Rule{
		{Name: "flag", Title: "a call of a function that is flagged", Doc: "Package flag has a page."},
		{Name: "dead", Title: "a call of flagdead after a call of lock"},
		{Name: "quiet", Title: "a call of flagquiet", Off: true},
	}
)

// fakeSummarize exports a fact for each function whose name begins with Bad.
func fakeSummarize(src *source.Package, _ rewrite.Facts, _ *syncapi.Words) *summary.Package {
	pkg := &summary.Package{Src: src, Funcs: make(map[*types.Func]*summary.Func)}
	for _, f := range src.Files {
		for _, d := range f.Syntax.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(d.Name.Name, "Bad") {
				if fn, ok := src.Info.Defs[d.Name].(*types.Func); ok {
					pkg.Funcs[fn] = new(summary.Func)
				}
			}
		}
	}
	return pkg
}

func fakeFind(pkg *summary.Package, facts rewrite.Facts, opts rewrite.Options) []*rule.Finding {
	on := make(map[string]bool)
	for _, r := range opts.Rules {
		on[r.Name] = true
	}
	var all []*rule.Finding
	for _, file := range pkg.Src.Files {
		for _, d := range file.Syntax.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil {
				f := finder{pkg: pkg, facts: facts, file: file, decl: d}
				ast.Inspect(d.Body, f.visit)
				all = append(all, f.found...)
			}
		}
	}
	var kept []*rule.Finding
	for _, f := range all {
		if on[f.Rule] && f.Level >= cmp.Or(opts.Level, hazard.Hazard) {
			if !opts.Fixes {
				f.Fix = nil
			}
			kept = append(kept, f)
		}
	}
	return kept
}

type finder struct {
	pkg   *summary.Package
	facts rewrite.Facts
	file  *source.File
	decl  *ast.FuncDecl
	lock  rule.Position
	found []*rule.Finding
}

func (f *finder) visit(n ast.Node) bool {
	stmt, ok := n.(*ast.ExprStmt)
	if !ok {
		return true
	}
	call, ok := stmt.X.(*ast.CallExpr)
	if !ok {
		return true
	}
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		f.call(stmt, fun.Name)
	case *ast.SelectorExpr:
		if fn, ok := f.pkg.Src.Info.Uses[fun.Sel].(*types.Func); ok && f.facts.Func(fn) != nil {
			f.report(stmt, "flag", hazard.Hazard, fn.FullName())
		}
	}
	return true
}

func (f *finder) call(stmt *ast.ExprStmt, name string) {
	if name == "lock" {
		f.lock = f.pkg.Src.Position(stmt.Pos())
		return
	}
	if !strings.HasPrefix(name, "flag") {
		return
	}
	switch name {
	case "flagpanic":
		panic("flagpanic was called")
	case "flagwait":
		os.WriteFile(os.Getenv("WORK")+"/waits", nil, 0o666)
		for os.Getenv("GATE") != "" {
			if _, err := os.Stat(os.Getenv("GATE")); err == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	case "flagtouch":
		disk, _ := os.ReadFile(f.file.Name)
		if !strings.Contains(string(disk), "touched") {
			os.WriteFile(f.file.Name, append(disk, "// touched\n"...), 0o666)
		}
	}
	ruleName, level := "flag", hazard.Hazard
	switch name {
	case "flagdead":
		ruleName, level = "dead", hazard.Deadlock
	case "flagquiet":
		ruleName = "quiet"
	case "flagcont":
		level = hazard.Contention
	}
	found := f.report(stmt, ruleName, level, name)
	f.word(found, name)
	found.Fix = f.fix(stmt, name)
	if found.Fix == nil {
		found.Refusals = []rule.Note{{Text: "region: a return stands in between", Pos: found.Pos}}
	}
}

func (f *finder) report(stmt ast.Stmt, ruleName string, level hazard.Level, name string) *rule.Finding {
	found := &rule.Finding{
		Rule:     ruleName,
		Level:    level,
		Message:  "call of " + name,
		Package:  f.pkg.Src.Path,
		Function: f.decl.Name.Name,
		Pos:      f.pkg.Src.Position(stmt.Pos()),
		End:      f.pkg.Src.Position(stmt.End()),
	}
	f.found = append(f.found, found)
	return found
}

// word gives the finding of a deadlock all that a finding can have.
func (f *finder) word(found *rule.Finding, name string) {
	if name != "flagdead" {
		return
	}
	found.Resource, found.Mode, found.Acquired = "mu", "write", f.lock
	found.Notes = []rule.Note{
		{Pos: found.Pos, Text: "waits for a receiver"},
		{Pos: f.pkg.Src.Position(f.decl.Pos()), Text: "waits for: " + f.decl.Name.Name + " comes round", Other: true},
		{Text: "a remark"},
	}
}

func (f *finder) fix(stmt ast.Stmt, name string) *rule.Fix {
	tf := f.pkg.Src.Fset.File(stmt.Pos())
	start, end := tf.Offset(stmt.Pos()), tf.Offset(stmt.End())
	fx := &rule.Fix{Title: "drop the call", Strategy: "drop", Safe: true, Section: start,
		Obligations: []fix.Obligation{{Name: "region"}, {Name: "once"}}}
	text := ""
	switch name {
	case "flagnofix", "flagquiet":
		return nil
	case "flagunsafe", "flagdead":
		fx.Safe = false
		fx.Obligations = append(fx.Obligations, fix.Obligation{Name: "order", Status: fix.Assumed, Reason: "two callers may swap"})
	case "flagbad":
		text = "nowhere()"
	case "flagnext":
		text = "flagme()"
	case "flaggrow":
		text = "print(); flaggrow()"
	case "flagping":
		text = "flagpong()"
	case "flagpong":
		text = "flagping()"
	}
	if text == "" { // the whole line goes
		for content := f.file.Content; start > 0 && content[start-1] != '\n'; {
			start--
		}
		for content := f.file.Content; end < len(content) && content[end-1] != '\n'; {
			end++
		}
	}
	fx.Changes = []rule.Change{{File: f.file.Name, Edits: []edit.Edit{{Start: start, End: end, New: text}}}}
	return fx
}
