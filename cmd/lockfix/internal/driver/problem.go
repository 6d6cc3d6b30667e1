package driver

import (
	"cmp"
	"errors"
	"fmt"
	"go/scanner"
	"go/types"
	"maps"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/source"
)

// listProblem reports what go list says of a package that was asked for, unless
// checking its files will say it better. whole are the patterns of packages: others
// are of files, of which [runner.missed] says it.
func (r *runner) listProblem(n *node, whole map[string]bool) {
	m := n.meta
	excluded := strings.HasPrefix(m.Error.Err, "build constraints exclude all Go files")
	alone := slices.ContainsFunc(m.Match, func(p string) bool {
		return whole[p] && !strings.Contains(p, "...") && p != "work" && p != "all"
	})
	if len(m.GoFiles)+len(m.CgoFiles) > 0 || excluded && !alone {
		return
	}
	pkg := m.ImportPath
	if m.Dir == "" {
		pkg = "" // not found: the path is the pattern, which the message repeats
	}
	r.problem(Problem{Package: pkg, Message: m.Error.Err})
}

// missed says of each named file that no package lists why that may be. Hooks name
// what was edited, test files and files for other platforms among it: to say that
// they were not looked at is enough.
func (r *runner) missed(a *args) {
	for _, real := range slices.Sorted(maps.Keys(a.files)) {
		name := a.files[real]
		switch {
		case r.found[real]:
		case strings.HasSuffix(name, "_test.go") && !r.Tests:
			r.Remark(name + " is a test file: it is checked with --tests")
		case r.excluded[real]:
			r.Remark(name + " is excluded by build constraints: see --tags")
		default:
			r.problem(Problem{Message: name + " is in no package: the go command ignores it"})
		}
	}
}

func (r *runner) problem(p Problem) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.problems = append(r.problems, p)
}

// sorted returns the problems by place, each once: a test variant repeats those
// of its base.
func (r *runner) sorted() []Problem {
	slices.SortFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Offset, b.Pos.Offset),
			cmp.Compare(a.Package, b.Package), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(r.problems)
}

// sourceProblem gives an error of the parser or the type checker its place.
func sourceProblem(src *source.Package, err error) Problem {
	p := Problem{Package: src.Path, Message: err.Error()}
	var te types.Error
	var pe scanner.ErrorList
	switch {
	case errors.As(err, &te):
		p.Pos, p.Message = src.Position(te.Pos), te.Msg
	case errors.As(err, &pe):
		p.Pos, p.Message = pe[0].Pos, pe[0].Msg
	}
	return p
}

// ours is how the names of lockfix's own functions begin.
const ours = "github.com/lockfix/lockfix/"

// fault words a panic: which package, and where in lockfix, by which a rule is
// known too.
func fault(pkg string, v any) Problem {
	if c, ok := v.(*crash); ok {
		return c.Problem
	}
	where := ""
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		if strings.HasPrefix(f.Function, ours) {
			where = fmt.Sprintf(" in %s (%s:%d)", f.Function, filepath.Base(f.File), f.Line)
			break
		}
		if !more {
			break
		}
	}
	return Problem{
		Package: pkg,
		Message: fmt.Sprintf("fault of lockfix while analysing %s: %v%s", pkg, v, where),
		Fault:   true,
		Stack:   string(debug.Stack()),
	}
}
