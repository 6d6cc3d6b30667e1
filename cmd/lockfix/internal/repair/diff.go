package repair

import (
	"path/filepath"
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// Diff returns the unified diff of one file, with names that git apply takes in
// the directory that name is relative to.
func Diff(name string, old, text []byte) string {
	name = strings.TrimPrefix(filepath.ToSlash(name), "/")
	return udiff.Unified("a/"+name, "b/"+name, string(old), string(text))
}
