package lockset_test

import (
	"testing"

	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// library is a part of the standard library with much locking.
var library = []string{
	"bufio", "bytes", "compress/flate", "container/heap", "container/list", "context", "crypto/rand", "database/sql", "database/sql/driver",
	"encoding/gob", "encoding/json", "errors", "expvar", "flag", "fmt", "go/ast", "go/parser", "go/scanner", "go/token", "hash/crc32",
	"io", "io/fs", "log", "log/slog", "math/big", "math/rand", "mime", "mime/multipart", "net/textproto", "net/url", "os/exec", "os/signal",
	"path/filepath", "reflect", "regexp", "sort", "strings", "sync", "testing", "text/tabwriter", "text/template", "time",
}

// What holds of every package: an analysis ends, says the same twice, and its
// parts agree with each other.
func TestLawsOnTheLibrary(t *testing.T) {
	for _, path := range library {
		src := check.Std(t, path)
		p := summary.Analyze(src, nil)
		if len(p.Bodies()) == 0 && path != "errors" {
			t.Errorf("%s: no bodies", path)
		}
		for _, b := range p.Bodies() {
			consistent(t, p, b)
		}
		if path == "database/sql" && dump(p) != dump(summary.Analyze(src, nil)) {
			t.Errorf("%s: a second analysis says something else", path)
		}
	}
}

// consistent checks what must hold between the parts of a body.
func consistent(t *testing.T, p *summary.Package, b *lockset.Body) {
	t.Helper()
	at := func(s *lockset.Section) string { return p.Src.Position(s.Acquire.Node.Pos()).String() }
	for _, s := range b.Sections {
		if s.Body != b {
			t.Errorf("%s: section of another body", at(s))
		}
		if s.Leaks && !s.Falls && len(s.Returns) == 0 {
			t.Errorf("%s: leaks, but no exit is reached", at(s))
		}
		for _, r := range s.Releases {
			if r.Resource.Key() != s.Acquire.Resource.Key() {
				t.Errorf("%s: releases %s", at(s), r.Resource.Key())
			}
		}
		for _, op := range s.Ops {
			h, ok := op.State.Find(s.Acquire.Resource.Key())
			if !ok {
				t.Errorf("%s: an operation without the resource", at(s))
			}
			found := false
			for _, a := range h.From {
				found = found || a == s.Acquire
			}
			if !found {
				t.Errorf("%s: an operation under another acquisition", at(s))
			}
		}
	}
	for i, op := range b.Ops {
		if i > 0 && b.Ops[i-1].Node.Pos() > op.Node.Pos() {
			t.Errorf("%s: operations out of order", p.Src.Position(op.Node.Pos()))
		}
	}
}
