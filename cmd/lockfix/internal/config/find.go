package config

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Name is the name of the file.
const Name = ".lockfix.yaml"

// Find returns the file that holds for a directory, "" if there is none: the
// first on the way up to the root of the module or of the workspace that the
// directory is in. Outside of both, only the directory itself is looked at.
func Find(dir string) string {
	top := root(dir)
	for at := dir; ; at = filepath.Dir(at) {
		if file := filepath.Join(at, Name); isFile(file) {
			return file
		}
		if at == top {
			return ""
		}
	}
}

// Around returns the files that hold for directories of the module or workspace
// that a directory is in, by their paths from there, sorted. What the go command
// passes over is passed over.
func Around(dir string) (top string, files []string) {
	top = root(dir)
	filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // what cannot be read holds for nothing
		}
		switch base := d.Name(); {
		case d.IsDir():
			if name != top && (base == "vendor" || base == "testdata" || base == "node_modules" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
				return fs.SkipDir
			}
		case base == Name && d.Type().IsRegular():
			rel, err := filepath.Rel(top, name)
			if err == nil {
				files = append(files, filepath.ToSlash(rel))
			}
		}
		return nil
	})
	return top, files
}

// root is the directory of go.work or, where there is no workspace, of go.mod.
func root(dir string) string {
	module := ""
	for at := dir; ; at = filepath.Dir(at) {
		if os.Getenv("GOWORK") != "off" && isFile(filepath.Join(at, "go.work")) {
			return at
		}
		if module == "" && isFile(filepath.Join(at, "go.mod")) {
			module = at
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	if module == "" {
		return dir
	}
	return module
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}
