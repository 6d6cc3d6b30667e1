package driver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// args are the command's arguments, told apart.
type args struct {
	patterns []pattern
	files    map[string]string // files that were named: canonical name to name as given
}

// A pattern is one thing to ask go list for.
type pattern struct {
	text string // as given, or "." and the like for a file
	dir  string // directory that it starts at, absolute; "" for an import path
	rest string // what follows dir: "", "/..."
	file bool   // only for the files that were named in it
}

// parseArgs tells files from packages. A file stands for its directory.
func parseArgs(dir string, list []string) (*args, error) {
	a := &args{files: make(map[string]string)}
	if len(list) == 0 {
		list = []string{"./..."}
	}
	for _, arg := range list {
		if !strings.HasSuffix(arg, ".go") {
			a.patterns = append(a.patterns, parsePattern(dir, arg))
			continue
		}
		file := absolute(dir, arg)
		if info, err := os.Stat(file); err != nil {
			return nil, fmt.Errorf("reading %s: %w", arg, errors.Unwrap(err))
		} else if info.IsDir() {
			a.patterns = append(a.patterns, parsePattern(dir, arg))
			continue
		}
		a.files[canonical(file)] = arg
		text := "." + string(filepath.Separator) + filepath.Dir(arg)
		if filepath.IsAbs(arg) {
			text = filepath.Dir(arg)
		}
		a.patterns = append(a.patterns, pattern{text: text, dir: filepath.Dir(file), file: true})
	}
	return a, nil
}

func parsePattern(dir, arg string) pattern {
	p := pattern{text: arg}
	first, _, _ := strings.Cut(filepath.ToSlash(arg), "/")
	if !filepath.IsAbs(arg) && first != "." && first != ".." {
		return p
	}
	before, _, wild := strings.Cut(filepath.ToSlash(arg), "...")
	if wild {
		before = before[:strings.LastIndexByte(before, '/')+1]
		p.rest = "/" + arg[len(before):]
	} else {
		p.text = clean(arg) // as go list says which pattern a package matched
	}
	p.dir = absolute(dir, before)
	return p
}

// clean spells a directory as go list repeats it: ./. is ., ./a/ is ./a.
func clean(arg string) string {
	name := filepath.ToSlash(filepath.Clean(arg))
	if filepath.IsAbs(arg) || name == "." || name == ".." || strings.HasPrefix(name, "../") {
		return name
	}
	return "./" + name
}

func absolute(dir, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}

// A group is what one go list can answer: patterns of one module or workspace.
type group struct {
	dir      string // where go list runs
	patterns []string
	whole    map[string]bool // patterns whose packages are reported whole, not in named files only
	env      environ
	listed   []*meta
	states   map[string]nodeState // of an earlier run, by import path
}

// groups sorts the patterns by module. Those of the current module, import paths
// among them, are passed on as they were typed.
func (a *args) groups(ctx context.Context, dir string, remark func(string)) ([]*group, error) {
	here, err := goEnv(ctx, dir)
	if err != nil {
		return nil, err
	}
	own := moduleRoot(dir)
	var members []string // of the workspace; asked for when it matters
	byRoot := make(map[string]*group)
	var order []*group
	for _, p := range a.patterns {
		root := own
		if p.dir != "" {
			root = moduleRoot(p.dir)
		}
		if root != own && here.workspace() != "" {
			if members == nil {
				if members, err = listMembers(ctx, dir, here); err != nil {
					return nil, err
				}
			}
			if slices.Contains(members, root) {
				root = own
			}
		}
		g := byRoot[root]
		if g == nil {
			if g, err = newGroup(ctx, dir, root, own, here, p); err != nil {
				return nil, err
			}
			byRoot[root], order = g, append(order, g)
		}
		g.add(p, root == own, remark)
	}
	return order, nil
}

func newGroup(ctx context.Context, dir, root, own string, here environ, first pattern) (*group, error) {
	switch {
	case root == "" && (own != "" || here.workspace() == ""):
		return nil, fmt.Errorf("no go.mod in %s or above it: name a directory of a module (-C DIR), or make one with go mod init", cmp.Or(first.dir, dir))
	case root == own:
		return &group{dir: dir, env: here, whole: make(map[string]bool)}, nil
	}
	env, err := goEnv(ctx, root)
	return &group{dir: root, env: env, whole: make(map[string]bool)}, err
}

// add appends a pattern in a form that go list takes where the group runs.
func (g *group) add(p pattern, here bool, remark func(string)) {
	text := p.text
	if !here {
		text = p.dir + p.rest
	}
	if p.rest == "/..." && p.dir == g.env.workspace() && moduleRoot(p.dir) != p.dir {
		remark(fmt.Sprintf("%s is the root of a workspace and no module: checking %q, its modules, instead of %s", p.dir, "work", p.text))
		text = "work"
	}
	if !p.file {
		g.whole[text] = true
	}
	if !slices.Contains(g.patterns, text) {
		g.patterns = append(g.patterns, text)
	}
}

// moduleRoot returns the directory of the go.mod file in dir or above, "" if
// there is none.
func moduleRoot(dir string) string {
	for {
		if info, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil && !info.IsDir() {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}
