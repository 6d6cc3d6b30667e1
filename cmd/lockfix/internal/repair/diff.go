package repair

import (
	"path/filepath"
	"strings"

	"github.com/lockfix/lockfix/rewrite/edit"
)

// Diff returns the unified diff of one file, with names that git apply takes in
// the directory that name is relative to.
func Diff(name string, old, text []byte) string {
	name = strings.TrimPrefix(filepath.ToSlash(name), "/")
	return edit.Unified("a/"+name, "b/"+name, old, text)
}
