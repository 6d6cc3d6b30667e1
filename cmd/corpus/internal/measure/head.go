package measure

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/cmd/corpus/internal/clone"
	"github.com/lockfix/lockfix/cmd/corpus/internal/tool"
)

// A Target is a module at the newest commit of a clone.
type Target struct {
	Repo    clone.Repo
	Commit  string
	Module  string // directory of the module below the tree
	Pattern string // its packages: "work" at the root of a workspace
	Tree    string
}

// Name is the repository's name with the module's directory.
func (t Target) Name() string { return path.Join(t.Repo.Name, t.Module) }

func (t Target) where() tool.Where { return tool.Where{Tree: t.Tree, Dir: t.Module} }

// slug is a name for files of results.
func (t Target) slug() string {
	return strings.ReplaceAll(path.Join(t.Repo.Short(), t.Module), "/", "-")
}

// Targets puts the newest commits into fresh directories. Each of only is the
// name of a repository, short or whole, with or without the directory of a
// module: "etcd/server"; without any all clones are meant, at their roots.
func (b *Bench) Targets(only []string) ([]Target, error) {
	var targets []Target
	if len(only) == 0 {
		for _, r := range b.Repos {
			only = append(only, r.Name)
		}
	}
	for _, name := range only {
		r, module, ok := b.named(name)
		if !ok {
			return nil, fmt.Errorf("find %s: %w", name, errNoClone)
		}
		t, err := b.target(r, module)
		if err != nil {
			return nil, fmt.Errorf("prepare %s: %w", name, err)
		}
		targets = append(targets, t)
	}
	return targets, nil
}

// named finds the clone whose name starts the given one; the rest is the module.
func (b *Bench) named(name string) (r clone.Repo, module string, ok bool) {
	for _, r := range b.Repos {
		for _, known := range []string{r.Name, r.Short()} {
			if name == known {
				return r, ".", true
			}
			if rest, found := strings.CutPrefix(name, known+"/"); found {
				return r, path.Clean(rest), true
			}
		}
	}
	return clone.Repo{}, "", false
}

func (b *Bench) target(r clone.Repo, module string) (Target, error) {
	commit, err := r.Head()
	if err != nil {
		return Target{}, err
	}
	t := Target{Repo: r, Commit: commit, Module: module, Pattern: "./..."}
	t.Tree = filepath.Join(b.Work, "heads", t.slug())
	if err := os.RemoveAll(t.Tree); err != nil {
		return Target{}, fmt.Errorf("clear the tree of an earlier run: %w", err)
	}
	absent, err := r.Materialise(commit, t.Tree)
	if err != nil {
		return Target{}, err
	}
	for _, name := range absent {
		b.log("%s: %s is not in the clone", t.Name(), name)
	}
	entries, err := os.ReadDir(filepath.Join(t.Tree, filepath.FromSlash(module)))
	if err != nil {
		return Target{}, fmt.Errorf("read the module's directory: %w", err)
	}
	has := func(name string) bool {
		return slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == name })
	}
	switch {
	case has("go.work"):
		t.Pattern = "work"
	case !has("go.mod"):
		return Target{}, fmt.Errorf("no go.mod or go.work in directory %s", module)
	}
	return t, nil
}
