package config

import (
	"os"
	"path/filepath"
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
