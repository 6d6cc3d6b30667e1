package rewrite

import (
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// A Fact carries what a function does to the packages that import it.
type Fact struct{ Func *summary.Func }

// AFact marks Fact as a fact.
func (*Fact) AFact() {}

func (f *Fact) String() string { return fmt.Sprintf("%+v", f.Func) }

// A Config is what a project says for all of its packages.
type Config struct {
	Words  *syncapi.Words                                   // nil: none
	Except func(file, rule string, level hazard.Level) bool // as in [Options]
}

// Analyzer returns the analysis for other drivers: go vet, go fix,
// golangci-lint, nogo. All rules are one analyzer, as the findings of a function
// are planned together; a diagnostic's category is its rule.
//
// Other drivers apply the first fix of a diagnostic without asking, format the
// whole file and write LF. So a diagnostic carries a fix only if it is safe and
// its files are in that form already, and never a second one.
//
// config is the project's own: its vocabulary, and where rules are off. A driver
// that keeps results keeps them by it too.
func Analyzer(engine Engine, rules []*rule.Rule, config Config) *analysis.Analyzer {
	var known []string
	var active []*rule.Rule
	for _, r := range rules {
		known = append(known, r.Name)
		if !r.Off {
			active = append(active, r)
		}
	}
	return &analysis.Analyzer{
		Name:      "lockfix",
		Doc:       "find critical sections that can deadlock\n\nThey wake, call back, send, wait or acquire while a lock or token is held.",
		URL:       "https://pkg.go.dev/github.com/lockfix/lockfix/rules",
		FactTypes: []analysis.Fact{new(Fact)},
		Run: func(pass *analysis.Pass) (any, error) {
			src, err := fromPass(pass)
			if err != nil {
				return nil, err
			}
			facts := func(fn *types.Func) *summary.Func {
				var f Fact
				if !pass.ImportObjectFact(fn.Origin(), &f) {
					return nil
				}
				return f.Func
			}
			pkg := engine.Summarize(src, facts, config.Words)
			export(pass, pkg)
			rep := engine.Report(pkg, facts, Options{Rules: active, Fixes: true, Except: config.Except}, known)
			for _, f := range rep.Findings {
				if d, ok := diagnostic(pass, src, f); ok {
					pass.Report(d)
				}
			}
			return nil, nil
		},
	}
}

// fromPass makes a source package of a pass.
func fromPass(pass *analysis.Pass) (*source.Package, error) {
	var inputs []source.Input
	for _, f := range pass.Files {
		name := pass.Fset.File(f.FileStart).Name()
		content, err := pass.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading a file of the package: %w", err)
		}
		inputs = append(inputs, source.Input{Name: name, Content: content, Syntax: f})
	}
	path, _, _ := strings.Cut(pass.Pkg.Path(), " [")
	config := source.Config{Path: path, Sizes: pass.TypesSizes, Bodies: true}
	if pass.Module != nil && pass.Module.GoVersion != "" {
		config.GoVersion = "go" + pass.Module.GoVersion
	}
	var errs []error
	for _, err := range pass.TypeErrors {
		errs = append(errs, err)
	}
	return source.New(pass.Fset, config, pass.Pkg, pass.TypesInfo, inputs, errs), nil
}

// export hands the summaries of the package to its importers, in source order.
func export(pass *analysis.Pass, pkg *summary.Package) {
	funcs := slices.SortedFunc(maps.Keys(pkg.Funcs), func(a, b *types.Func) int {
		return cmp.Or(cmp.Compare(a.Pos(), b.Pos()), strings.Compare(a.FullName(), b.FullName()))
	})
	for _, fn := range funcs {
		if fn.Pkg() == pass.Pkg && fn == fn.Origin() {
			pass.ExportObjectFact(fn, &Fact{pkg.Funcs[fn]})
		}
	}
}

// diagnostic words a finding for other drivers: ok is false if its place is in
// no file of the pass.
func diagnostic(pass *analysis.Pass, src *source.Package, f *rule.Finding) (d analysis.Diagnostic, ok bool) {
	d = analysis.Diagnostic{
		Pos:      position(pass.Fset, src, f.Pos),
		End:      position(pass.Fset, src, f.End),
		Category: f.Rule,
		Message:  f.Message + " [" + f.Rule + "]",
	}
	for _, n := range f.Notes {
		if pos := position(pass.Fset, src, n.Pos); pos.IsValid() {
			d.Related = append(d.Related, analysis.RelatedInformation{Pos: pos, Message: n.Text})
		}
	}
	if fix, ok := suggestion(pass.Fset, src, f.Fix); ok {
		d.SuggestedFixes = []analysis.SuggestedFix{fix}
	}
	return d, d.Pos.IsValid()
}

func suggestion(fset *token.FileSet, src *source.Package, fix *rule.Fix) (s analysis.SuggestedFix, ok bool) {
	if fix == nil || !fix.Safe {
		return s, false
	}
	s.Message = fix.Title
	for _, c := range fix.Changes {
		file := fileNamed(src, c.File)
		if file == nil || file.ReadOnly != "" || !plain(file.Content) {
			return s, false
		}
		tf := fset.File(file.Syntax.FileStart)
		for _, e := range c.Edits {
			s.TextEdits = append(s.TextEdits, analysis.TextEdit{Pos: tf.Pos(e.Start), End: tf.Pos(e.End), NewText: []byte(e.New)})
		}
	}
	return s, true
}

// plain reports whether a host that formats the file changes nothing else.
func plain(content []byte) bool {
	formatted, err := format.Source(content)
	return err == nil && bytes.Equal(formatted, content)
}

// position finds a resolved position again, NoPos if it is in another package.
func position(fset *token.FileSet, src *source.Package, p rule.Position) token.Pos {
	file := fileNamed(src, p.Filename)
	if file == nil {
		return token.NoPos
	}
	tf := fset.File(file.Syntax.FileStart)
	if p.Offset > tf.Size() {
		return token.NoPos
	}
	return tf.Pos(p.Offset)
}

func fileNamed(src *source.Package, name string) *source.File {
	i := slices.IndexFunc(src.Files, func(f *source.File) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return src.Files[i]
}
