package splice

import (
	"bytes"
	"errors"
	"flag"
	"go/format"
	"go/importer"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/source"
)

var update = flag.Bool("update", false, "write the goldens")

// testImporter type-checks imports from source, each once.
var testImporter = &onceImporter{}

type onceImporter struct {
	mu   sync.Mutex
	from types.Importer
}

func (o *onceImporter) Import(path string) (*types.Package, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if path == "C" {
		return nil, errors.New("no cgo here")
	}
	if o.from == nil {
		o.from = importer.ForCompiler(token.NewFileSet(), "source", nil)
	}
	return o.from.Import(path)
}

// TestArchives carries out the toy plans of each archive. An archive holds
// in.go, and out.go or the reason of the refusal. Its comment says what it is
// about; the words "crlf", "bom", "mess" in the first line change the file
// before it is used.
func TestArchives(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			archive := txtar.Parse(data)
			in := archive.Files[0].Data
			got, reason := run(t, in)
			name := "out.go"
			if reason != "" {
				name, got = "refusal", []byte(reason+"\n")
			}
			if *update {
				archive.Files = append(archive.Files[:1], txtar.File{Name: name, Data: got})
				if err := os.WriteFile(path, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if len(archive.Files) != 2 || archive.Files[1].Name != name {
				t.Fatalf("got a %s, which the archive has not", name)
			}
			if want := archive.Files[1].Data; !bytes.Equal(got, want) {
				t.Errorf("got another %s:\n%s", name, edit.Unified("want", "got", want, got))
			}
		})
	}
}

// run carries out all toy plans of a file, one after the other, and holds the
// laws on each.
func run(t *testing.T, src []byte) (out []byte, refusal string) {
	t.Helper()
	for range 10 {
		p, f := load("in.go", src)
		plan := toyPlan(p, f)
		if plan == nil {
			return src, ""
		}
		res, err := Do(p, f, plan)
		var refused *Refused
		if errors.As(err, &refused) {
			return nil, refused.Reason
		}
		if err != nil {
			t.Fatal(err)
		}
		laws(t, p, f, toyPlan, res)
		src = res.Content
	}
	t.Fatal("the toy plans come to no end")
	return nil, ""
}

// laws holds what is true of every result. The plan is made anew for the same
// file written otherwise.
func laws(t *testing.T, p *source.Package, f *source.File, plan func(*source.Package, *source.File) *fix.Plan, res Result) {
	t.Helper()
	if got, err := edit.Apply(f.Content, res.Edits); err != nil || !bytes.Equal(got, res.Content) {
		t.Errorf("the edits do not make the content: %v", err)
	}
	if len(p.Errors) == 0 {
		if q := p.With(map[string][]byte{f.Name: res.Content}); len(q.Errors) > 0 {
			t.Errorf("the result does not build: %v\n%s", q.Errors, res.Content)
		}
	}
	again := func(src []byte) []byte {
		p, f := load(f.Name, src)
		res, err := Do(p, f, plan(p, f))
		if err != nil {
			t.Errorf("the same file written otherwise: %v", err)
			return nil
		}
		return res.Content
	}
	if !bytes.Equal(again(f.Content), res.Content) {
		t.Error("a second run gives something else")
	}
	if lf := toLF(f.Content); bytes.Equal(lf, f.Content) {
		if got := again(toCRLF(lf)); !bytes.Equal(toLF(got), res.Content) || bytes.Count(got, []byte("\n")) != bytes.Count(got, []byte("\r\n")) {
			t.Errorf("a file with CRLF gives something else:\n%s", edit.Unified("lf", "crlf", res.Content, toLF(got)))
		}
		bom := []byte("\ufeff")
		if got := again(append(bom, lf...)); !bytes.Equal(got, append(bom, res.Content...)) && formattedSource(lf) {
			t.Errorf("a file with a byte order mark gives something else:\n%s", edit.Unified("plain", "bom", res.Content, got))
		}
	}
}

func formattedSource(src []byte) bool {
	out, err := format.Source(src)
	return err == nil && bytes.Equal(out, src)
}

func toLF(b []byte) []byte   { return bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")) }
func toCRLF(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) }
