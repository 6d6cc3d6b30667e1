package driver

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// around replaces patterns that the go command gives up at a directory which it
// may not read by the directories that it may. It reports whether there were any.
func (r *runner) around(g *group, listed []*meta) bool {
	found := false
	for _, m := range listed {
		i := slices.Index(g.patterns, m.ImportPath)
		if i < 0 || m.Error == nil || m.Dir != "" || !strings.HasSuffix(m.Error.Err, syscall.EACCES.Error()) {
			continue
		}
		top, ok := strings.CutSuffix(m.ImportPath, "/...")
		if !ok {
			continue
		}
		found = true
		dirs := r.readable(absolute(g.dir, top))
		for _, dir := range dirs {
			g.whole[dir] = true
		}
		g.patterns = slices.Replace(g.patterns, i, i+1, dirs...)
	}
	return found
}

// readable lists the directories of a module at and below top that have Go files,
// as the go command walks them. Those that may not be read are problems.
func (r *runner) readable(top string) []string {
	var dirs []string
	err := filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		switch base := filepath.Base(name); {
		case err != nil:
			p := Problem{Message: "may not be read: " + syscall.EACCES.Error()}
			p.Pos.Filename = name
			r.problem(p)
			return fs.SkipDir
		case !d.IsDir():
			if strings.HasSuffix(base, ".go") {
				dirs = append(dirs, filepath.Dir(name))
			}
		case name != top && passedOver(name):
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		r.problem(Problem{Message: err.Error()})
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// passedOver reports whether the go command passes over a directory below the one
// that a pattern ending in /... names.
func passedOver(dir string) bool {
	base := filepath.Base(dir)
	if base == "testdata" || base == "vendor" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}
