package driver

import (
	"crypto/sha256"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
)

// slack is how much older than a stamp a file must be for the stamp to tell: file
// systems and kernels give times in steps, and two changes within one look alike.
const slack = 2 * time.Second

// A stamp says how a file, or its absence, looked.
type stamp struct {
	_ struct{} `cbor:",toarray"`

	Size  int64 // -1: it was not there
	Time  int64 // of its last change, in nanoseconds
	Taken int64 // when this was looked at
	Sum   store.Key
	Head  store.Key // of what the go command reads of a Go file
}

// look takes the stamp of a file.
func look(name string) stamp {
	now := time.Now()
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return stamp{Size: -1, Taken: now.UnixNano()}
	}
	s := stamp{Size: info.Size(), Time: info.ModTime().UnixNano(), Taken: now.UnixNano()}
	content, err := os.ReadFile(name)
	if err != nil {
		s.Size = -1
		return s
	}
	s.Sum, s.Head = sha256.Sum256(content), headOf(name, content)
	return s
}

// holds reports whether the file still looks the same without reading it.
func (s stamp) holds(name string) bool {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return s.Size == -1
	}
	return s.Size == info.Size() && s.Time == info.ModTime().UnixNano() && s.Taken-s.Time > int64(slack)
}

// lookAt takes the stamp of a file that an editor has open.
func lookAt(name string, content []byte) stamp {
	now := time.Now().UnixNano()
	return stamp{Size: int64(len(content)), Time: now, Taken: now, Sum: sha256.Sum256(content), Head: headOf(name, content)}
}

// headOf hashes what the go command takes from a Go file to list its package: its
// package, its imports, its build constraints, and the directives for cgo. All of
// another file, or of one that does not parse so far, is its head.
func headOf(name string, content []byte) store.Key {
	if !strings.HasSuffix(name, ".go") {
		return sha256.Sum256(content)
	}
	f, err := parser.ParseFile(token.NewFileSet(), name, content, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return sha256.Sum256(content)
	}
	parts := []string{f.Name.Name}
	for _, group := range f.Comments {
		for _, c := range group.List {
			if constraint.IsGoBuild(c.Text) || constraint.IsPlusBuild(c.Text) {
				parts = append(parts, "constraint", c.Text)
			}
		}
	}
	for _, d := range f.Decls {
		for _, spec := range d.(*ast.GenDecl).Specs {
			imp := spec.(*ast.ImportSpec)
			parts = append(parts, "import", imp.Path.Value)
			if imp.Path.Value == `"C"` {
				parts = append(parts, imp.Doc.Text(), d.(*ast.GenDecl).Doc.Text())
			}
		}
	}
	return store.KeyOf(parts...)
}

// A dirStamp says which names a directory had that matter to the go command.
type dirStamp struct {
	_ struct{} `cbor:",toarray"`

	Time  int64
	Taken int64
	Names store.Key
}

func lookDir(dir string) dirStamp {
	now := time.Now()
	info, err := os.Stat(dir)
	if err != nil {
		return dirStamp{Taken: now.UnixNano()}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return dirStamp{Taken: now.UnixNano()}
	}
	return dirStamp{Time: info.ModTime().UnixNano(), Taken: now.UnixNano(), Names: namesOf(entries)}
}

// namesOf hashes the names in a directory, those aside that the go command does not
// look at and that editors make and remove.
func namesOf(entries []fs.DirEntry) store.Key {
	parts := []string{"names"}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || strings.HasSuffix(name, "~") {
			continue
		}
		kind := "file"
		if e.IsDir() {
			kind = "dir"
		}
		parts = append(parts, kind, name)
	}
	return store.KeyOf(parts...)
}

func (s dirStamp) holds(dir string) bool {
	info, err := os.Stat(dir)
	if err != nil {
		return s.Time == 0
	}
	if s.Time == info.ModTime().UnixNano() && s.Taken-s.Time > int64(slack) {
		return true
	}
	entries, err := os.ReadDir(dir)
	return err == nil && namesOf(entries) == s.Names
}

// tree lists a directory and those below it that a pattern ending in /... matches,
// and that are of the same module.
func tree(top string) []string {
	var dirs []string
	filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil // what cannot be read is a problem of the list, not of its stamp
		}
		dirs = append(dirs, name)
		if name != top && passedOver(name) {
			return fs.SkipDir
		}
		return nil
	})
	slices.Sort(dirs)
	return dirs
}
