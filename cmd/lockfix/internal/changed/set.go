package changed

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/bluekeyes/go-gitdiff/gitdiff"
)

// A Set is what has changed. It may be asked from several goroutines.
type Set struct {
	top     string
	lines   map[string][]span // by absolute name
	overlay map[string][]byte // texts that are not those on disk

	links   sync.Map // of files: their names, links resolved
	extents sync.Map // of changed files: their declarations
}

// A span is some lines, both ends included. One that ends before it begins is the
// place between two lines where others were removed.
type span struct{ first, last int }

func (s span) meets(t span) bool { return s.first <= t.last && t.first <= s.last }

// newSet reads a patch without context.
func newSet(top string, patch []byte) (*Set, error) {
	files, _, err := gitdiff.Parse(bytes.NewReader(patch))
	if err != nil {
		return nil, fmt.Errorf("reading what git says has changed: %w", err)
	}
	s := &Set{top: top, lines: make(map[string][]span)}
	for _, f := range files {
		if f.IsDelete {
			continue
		}
		name := filepath.Join(top, filepath.FromSlash(f.NewName))
		s.lines[name] = nil // renamed only
		for _, fragment := range f.TextFragments {
			s.lines[name] = append(s.lines[name], spanOf(fragment))
		}
	}
	return s, nil
}

// spanOf places a fragment in the new text. A directive that was removed may have
// been all that the comment above a function said: it belongs to what follows.
func spanOf(f *gitdiff.TextFragment) span {
	first := int(f.NewPosition)
	if f.NewLines > 0 {
		return span{first, first + int(f.NewLines) - 1}
	}
	if slices.ContainsFunc(f.Lines, func(l gitdiff.Line) bool { return strings.HasPrefix(strings.TrimSpace(l.Line), "//lockfix:") }) {
		return span{first, first + 1}
	}
	return span{first + 1, first}
}

// whole adds a file that is new as a whole.
func (s *Set) whole(name string) {
	s.lines[filepath.Join(s.top, filepath.FromSlash(name))] = []span{{1, math.MaxInt}}
}

// Empty reports whether no Go file has changed.
func (s *Set) Empty() bool { return len(s.lines) == 0 }

// Has reports whether the declaration on a line of a file has changed; where none
// stands, the line itself.
func (s *Set) Has(file string, line int) bool {
	file = s.resolve(file)
	spans := s.lines[file]
	if len(spans) == 0 {
		return false
	}
	at := span{line, line}
	for _, d := range s.declarations(file) {
		if d.meets(at) {
			at = d
			break
		}
	}
	return slices.ContainsFunc(spans, at.meets)
}

// Covers reports whether a file is in the repository, and not in another one within.
func (s *Set) Covers(file string) bool {
	file = s.resolve(file)
	rel, err := filepath.Rel(s.top, file)
	if err != nil || !filepath.IsLocal(rel) {
		return false
	}
	for dir := filepath.Dir(file); dir != s.top; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return false
		}
	}
	return true
}

// resolve resolves the links of a name, as git names files.
func (s *Set) resolve(file string) string {
	if real, ok := s.links.Load(file); ok {
		return real.(string)
	}
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		real = file // it is in the index only
	}
	s.links.Store(file, real)
	return real
}

// declarations lists those of a file, by their lines.
func (s *Set) declarations(file string) []span {
	if list, ok := s.extents.Load(file); ok {
		return list.([]span)
	}
	text, ok := s.overlay[file]
	if !ok {
		text, _ = os.ReadFile(file) // without it each line stands for itself
	}
	list := extents(text)
	s.extents.Store(file, list)
	return list
}
