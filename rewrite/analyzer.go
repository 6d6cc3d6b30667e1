package rewrite

import (
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"go/types"
	"maps"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// A Config is what a project says for all of its packages, and what a driver can
// do.
type Config struct {
	Words  *syncapi.Words                                   // nil: none
	Except func(file, rule string, level hazard.Level) bool // as in [Options]
	Fold   bool                                             // the driver shows messages only: they say the related places too
	Facts  bool                                             // the driver wants the facts only: nothing is reported
}

// Analyzer returns the analysis for other drivers: go vet, go fix,
// golangci-lint, nogo. All rules are one analyzer, as the findings of a function
// are planned together; a diagnostic's category is its rule. Its flags choose
// rules and the level.
//
// Other drivers apply the fixes of all diagnostics at one go and without asking,
// format the whole file and write LF; some know fixes of one file only. So a
// diagnostic carries at most one fix, and that only if it is safe, stays in the
// file of the diagnostic, and that file is in such a form already; and all the
// fixes of a package together were checked. Another run finds what had to wait. A
// finding whose fix is not carried says who can apply it.
//
// config is the project's own: its vocabulary, and where rules are off. A driver
// that keeps results keeps them by it too, and by the flags.
func Analyzer(engine Engine, rules []*rule.Rule, config Config) *analysis.Analyzer {
	flags := &flags{level: "hazard"}
	a := &analysis.Analyzer{
		Name:      "lockfix",
		Doc:       "find critical sections that can deadlock\n\nThey wake, call back, send, wait or acquire while a lock or token is held.",
		URL:       "https://pkg.go.dev/github.com/lockfix/lockfix/rules",
		FactTypes: []analysis.Fact{new(Fact)},
		Run: func(pass *analysis.Pass) (any, error) {
			opts, err := flags.options(rules)
			if err != nil {
				return nil, err
			}
			opts.Fixes, opts.Except = true, config.Except
			src, err := fromPass(pass)
			if err != nil {
				return nil, err
			}
			facts := summary.FactsOf(func(fn *types.Func) *summary.Func {
				var f Fact
				if !pass.ImportObjectFact(fn.Origin(), &f) {
					return nil
				}
				return f.Func
			})
			pkg := engine.Summarize(src, facts, config.Words)
			export(pass, pkg)
			if config.Facts {
				return nil, nil
			}
			rep := engine.Report(pkg, facts, opts, names(rules))
			w := writer{pass: pass, src: src, fold: config.Fold, carried: carried(src, rep.Findings)}
			for _, f := range rep.Findings {
				if d, ok := w.diagnostic(f); ok {
					pass.Report(d)
				}
			}
			return nil, nil
		},
	}
	flags.register(&a.Flags)
	return a
}

// fromPass makes a source package of a pass.
func fromPass(pass *analysis.Pass) (*source.Package, error) {
	var inputs []source.Input
	for _, f := range pass.Files {
		name := pass.Fset.File(f.FileStart).Name()
		content, err := readFile(pass, name)
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

// readFile reads a file as the driver has it; nogo has nothing else than the disk.
func readFile(pass *analysis.Pass, name string) ([]byte, error) {
	if pass.ReadFile == nil {
		return os.ReadFile(name)
	}
	return pass.ReadFile(name)
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

// carried chooses the fixes that go with diagnostics: a driver applies all of
// them.
func carried(src *source.Package, findings []*rule.Finding) map[*rule.Fix]bool {
	var fixes []*rule.Fix
	b := NewBatch(src)
	for _, f := range findings {
		if f.Fix == nil || !f.Fix.Safe || len(f.Fix.Changes) != 1 || slices.Contains(fixes, f.Fix) {
			continue
		}
		file := fileNamed(src, f.Fix.Changes[0].File)
		if file != nil && file.Name == f.Pos.Filename && file.ReadOnly == "" && plain(file.Content) && b.Add(f.Fix) {
			fixes = append(fixes, f.Fix)
		}
	}
	// Each fix was checked alone. Where they are not right together, some of them are.
	for len(fixes) > 1 && !together(src, fixes) {
		fixes = fixes[:len(fixes)/2]
	}
	out := make(map[*rule.Fix]bool)
	for _, fix := range fixes {
		out[fix] = true
	}
	return out
}

// together reports whether the package type-checks with all of the fixes.
func together(src *source.Package, fixes []*rule.Fix) bool {
	b := NewBatch(src)
	for _, fix := range fixes {
		b.Add(fix)
	}
	texts, err := b.Texts()
	return err == nil && len(src.With(texts).Errors) == 0
}

// plain reports whether a host that formats the file changes nothing else.
func plain(content []byte) bool {
	formatted, err := format.Source(content)
	return err == nil && bytes.Equal(formatted, content)
}

func fileNamed(src *source.Package, name string) *source.File {
	i := slices.IndexFunc(src.Files, func(f *source.File) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return src.Files[i]
}
