package ruletest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
)

// lawful says which laws other contents of a package's files break: they build,
// are as gofmt writes them, and hold each comment exactly once. A comment that is
// new belongs to a function that is.
func lawful(src *source.Package, contents map[string][]byte) []string {
	var amiss []string
	after := src.With(contents)
	if len(after.Errors) > 0 {
		return []string{fmt.Sprintf("does not build: %v", after.Errors[0])}
	}
	for i, f := range after.Files {
		base := filepath.Base(f.Name)
		if text, err := format.Source(f.Content); err != nil || !bytes.Equal(text, f.Content) {
			amiss = append(amiss, base+": not as gofmt writes it")
		}
		before, now := comments(src.Files[i].Syntax), comments(f.Syntax)
		for _, text := range newDocs(src.Files[i].Syntax, f.Syntax) {
			now[text]--
		}
		for _, text := range slices.Sorted(maps.Keys(union(before, now))) {
			if before[text] != now[text] {
				amiss = append(amiss, fmt.Sprintf("%s: comment stands %d times, stood %d times: %s", base, now[text], before[text], text))
			}
		}
	}
	return amiss
}

// comments counts the comments of a file by their text.
func comments(f *ast.File) map[string]int {
	count := make(map[string]int)
	for _, group := range f.Comments {
		for _, c := range group.List {
			count[strings.TrimSpace(c.Text)]++
		}
	}
	return count
}

// newDocs returns the comments of functions that a file has and had not.
func newDocs(before, after *ast.File) []string {
	var docs []string
	had := make(map[string]bool)
	for _, fd := range functions(before) {
		had[fd.Name.Name] = true
	}
	for _, fd := range functions(after) {
		if had[fd.Name.Name] || fd.Doc == nil {
			continue
		}
		for _, c := range fd.Doc.List {
			docs = append(docs, strings.TrimSpace(c.Text))
		}
	}
	return docs
}

func functions(f *ast.File) []*ast.FuncDecl {
	var out []*ast.FuncDecl
	for _, d := range f.Decls {
		if fd, ok := d.(*ast.FuncDecl); ok {
			out = append(out, fd)
		}
	}
	return out
}

func union(a, b map[string]int) map[string]int {
	u := maps.Clone(a)
	maps.Copy(u, b)
	return u
}

// render writes findings out whole, for comparison.
func render(findings []*rule.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s %d %s-%s %s [%s] %s %s %s %s\n", f.Rule, f.Level, f.Pos, f.End, f.Message, f.Function, f.Resource, f.Acquired, f.Mode, texts(f.Notes))
		if f.Fix == nil {
			fmt.Fprintf(&b, "\trefused: %s\n", texts(f.Refusals))
			continue
		}
		fmt.Fprintf(&b, "\t%s (%s, safe %t, section %d)\n", f.Fix.Title, f.Fix.Strategy, f.Fix.Safe, f.Fix.Section)
		for _, o := range f.Fix.Obligations {
			fmt.Fprintf(&b, "\t%s %d %s\n", o.Name, o.Status, o.Reason)
		}
		for _, c := range f.Fix.Changes {
			for _, e := range c.Edits {
				fmt.Fprintf(&b, "\t%s:%d-%d %q\n", filepath.Base(c.File), e.Start, e.End, e.New)
			}
		}
	}
	return b.String()
}
