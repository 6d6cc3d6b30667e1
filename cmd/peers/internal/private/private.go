// Package private makes copies of what a measurement changes: of the files of a
// clone, which stays as it is, and of build caches, so that no tool finds what
// another one has left.
package private

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Root returns the directory to copy for a module to work: that of the clone,
// or else of the workspace, that a directory lies in. Modules beside it are
// needed where go.work or a replacement names them.
func Root(dir string) string {
	for _, mark := range []string{".git", "go.work"} {
		for at := dir; ; at = filepath.Dir(at) {
			if _, err := os.Lstat(filepath.Join(at, mark)); err == nil {
				return at
			}
			if at == filepath.Dir(at) {
				break
			}
		}
	}
	return dir
}

// Tree copies the files of a clone, its history aside.
func Tree(from, to string) error {
	err := filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Name() == ".git" {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil // of a worktree
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		return entry(name, filepath.Join(to, rel), d, copyFile)
	})
	if err != nil {
		return fmt.Errorf("copy %s: %w", from, err)
	}
	return nil
}

// Cache copies a build cache of the go command. Files that are named by what is in
// them are never written again, and linked: a cache of gigabytes is copied in a
// second. Those that say which file an action gave are rewritten in place, and are
// small. Where links do not work everything is copied.
func Cache(from, to string) error {
	err := filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		place := copyFile
		if strings.HasSuffix(filepath.Base(name), "-d") {
			place = linkFile
		}
		return entry(name, filepath.Join(to, rel), d, place)
	})
	if err != nil {
		return fmt.Errorf("copy the build cache %s: %w", from, err)
	}
	return nil
}

// entry makes one entry of a directory. What is neither a file, a directory nor a
// link is left out: no tool reads it.
func entry(from, to string, d fs.DirEntry, place func(from, to string) error) error {
	switch {
	case d.IsDir():
		return os.MkdirAll(to, 0o755)
	case d.Type()&fs.ModeSymlink != 0:
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	case d.Type().IsRegular():
		return place(from, to)
	}
	return nil
}

func linkFile(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	return copyFile(from, to)
}

func copyFile(from, to string) (err error) {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	info, err := r.Stat()
	if err != nil {
		return err
	}
	w, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm()|0o200)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	_, err = io.Copy(w, r)
	return err
}
