// Package measure runs lockfix on commits of local clones and compares what it
// says and does with tables of facts.
//
// Each measurement is a function from a [Bench] and its facts to a value, and a
// method that prints the value. No measurement stops at a row that cannot be had:
// the row says why, and is not counted in any share.
package measure

import (
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/lockfix/lockfix/cmd/corpus/internal/clone"
	"github.com/lockfix/lockfix/cmd/corpus/internal/tool"
)

// A Bench is what all measurements need.
type Bench struct {
	Repos   []clone.Repo
	Tool    tool.Tool
	Work    string    // directory for trees and results; trees are kept between runs
	Offline bool      // download no modules
	Log     io.Writer // progress

	runs map[string]tool.Run // by package directory
}

// A place is a file of a commit, in a tree that can be loaded.
type place struct {
	repo   clone.Repo
	tree   string
	file   string
	module clone.Module
}

// These are reasons why a row cannot be measured.
var (
	errNoClone  = errors.New("no clone")
	errNoCommit = errors.New("commit is not in the clone")
	errNoFile   = errors.New("file is not in the commit's package, for this system at least")
)

// place puts a commit into its directory and finds the module of the file.
func (b *Bench) place(repo, commit, file string) (place, error) {
	r, ok := clone.Find(b.Repos, repo)
	if !ok {
		return place{}, errNoClone
	}
	if !r.Has(commit) {
		return place{}, errNoCommit
	}
	tree := filepath.Join(b.Work, "trees", r.Short()+"@"+commit)
	_, err := r.Materialise(commit, tree)
	if err != nil {
		return place{}, err
	}
	var day time.Time
	if !b.Offline {
		if day, err = r.Day(commit); err != nil {
			return place{}, err
		}
	}
	m, err := clone.ModuleOf(tree, file, repo, day)
	if err != nil {
		return place{}, err
	}
	if b.Offline {
		m.Env = append(m.Env, "GOPROXY=off")
	}
	return place{repo: r, tree: tree, file: file, module: m}, nil
}

// pattern names the file's package, seen from the module's directory.
func (p place) pattern() string {
	dir := path.Dir(p.file)
	if p.module.Dir != "." {
		dir = strings.TrimPrefix(strings.TrimPrefix(dir, p.module.Dir), "/")
	}
	return "./" + dir
}

// run analyses the file's package, once for all its rows.
func (b *Bench) run(p place) (tool.Run, error) {
	key := filepath.Join(p.tree, path.Dir(p.file))
	if r, ok := b.runs[key]; ok {
		return r, nil
	}
	r, err := b.Tool.Run(tool.Where{Tree: p.tree, Dir: p.module.Dir, Env: p.module.Env}, p.pattern())
	if err != nil {
		return tool.Run{}, err
	}
	if b.runs == nil {
		b.runs = make(map[string]tool.Run)
	}
	b.runs[key] = r
	return r, nil
}

func (b *Bench) log(format string, args ...any) { fmt.Fprintf(b.Log, format+"\n", args...) }
