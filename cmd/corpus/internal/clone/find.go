package clone

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// A Repo is a local clone, bare or not.
type Repo struct {
	Name string // owner/name by its remote, else the directory's name below the directory of clones
	Dir  string
	path string // below the directory of clones
}

// All lists the clones at DIR/NAME and DIR/OWNER/NAME, sorted by directory.
func All(dir string) ([]Repo, error) {
	var out []Repo
	for _, pattern := range []string{"*", "*/*"} {
		names, err := fs.Glob(os.DirFS(dir), pattern)
		if err != nil {
			return nil, fmt.Errorf("list clones: %w", err)
		}
		for _, name := range names {
			if isClone(filepath.Join(dir, name)) && !isClone(filepath.Join(dir, name, "..")) {
				out = append(out, newRepo(dir, name))
			}
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].path < out[j].path })
	return out, nil
}

// isClone reports whether a directory is a clone with a work tree or a bare one.
func isClone(dir string) bool {
	exists := func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err == nil
	}
	return exists(".git") || exists("HEAD") && exists("objects")
}

func newRepo(dir, path string) Repo {
	r := Repo{Dir: filepath.Join(dir, path), path: strings.TrimSuffix(filepath.ToSlash(path), ".git")}
	r.Name = r.path
	if url, err := Output(r.Dir, "config", "--get", "remote.origin.url"); err == nil {
		if name := remoteName(url); name != "" {
			r.Name = name
		}
	}
	return r
}

// remoteName is owner/name of a remote's address on a host; of a local path it
// is nothing, because directories there need not be called so.
func remoteName(url string) string {
	url = strings.TrimSuffix(strings.TrimSpace(url), ".git")
	_, rest, hasScheme := strings.Cut(url, "://")
	if !hasScheme {
		host, path, isSCP := strings.Cut(url, ":")
		if !isSCP || strings.Contains(host, "/") {
			return ""
		}
		rest = host + "/" + path
	}
	parts := strings.Split(rest, "/")
	if len(parts) < 3 || parts[0] == "" {
		return ""
	}
	return strings.Join(parts[len(parts)-2:], "/")
}

// Find picks the clone of owner/name: by its remote, else by its directory,
// DIR/OWNER/NAME before DIR/NAME.
func Find(repos []Repo, name string) (Repo, bool) {
	_, short, _ := strings.Cut(name, "/")
	matches := []func(Repo) bool{
		func(r Repo) bool { return r.Name == name },
		func(r Repo) bool { return r.path == name },
		func(r Repo) bool { return r.path == short },
	}
	for _, match := range matches {
		for _, r := range repos {
			if match(r) {
				return r, true
			}
		}
	}
	return Repo{}, false
}

// Short is the last element of the clone's name.
func (r Repo) Short() string { return r.Name[strings.LastIndex(r.Name, "/")+1:] }
