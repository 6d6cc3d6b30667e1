package splice

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/lockfix/lockfix/rewrite/edit"
)

// FuzzDo holds, for any text and senseless plans, that there is a result that
// keeps what is promised, or an error; and that line endings make no difference.
func FuzzDo(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for i, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(txtar.Parse(data).Files[0].Data, uint64(i))
	}
	if *stressRoots != "" {
		for i, name := range sources(f, 1) {
			if data, err := os.ReadFile(name); err == nil && len(data) < 6000 && i < 2000 {
				f.Add(data, uint64(i))
			}
		}
	}
	f.Add([]byte("package p; func f() { a() /* b */; c() } // d"), uint64(1))
	f.Add([]byte("package p\n\ntype r[T any] r[T]\n\nvar x = r[int]{}\n"), uint64(1)) // go/types does not come back from it
	f.Add([]byte("package p\n\nvar x = func() { defer /* a */ b(); for range c { /* d */ } } // e\n"), uint64(2))
	f.Fuzz(func(t *testing.T, src []byte, seed uint64) {
		do := func(src []byte) (Result, error) {
			rnd := rand.New(rand.NewPCG(seed, 0))
			p, file := loadSyntax("f.go", src)
			if file == nil || len(file.Syntax.Decls) == 0 {
				return Result{}, refuse("nothing to do")
			}
			plan := newMaker(rnd, file.Syntax.Decls[rnd.IntN(len(file.Syntax.Decls))]).plan()
			if plan == nil {
				return Result{}, refuse("nothing to do")
			}
			return Do(p, file, plan)
		}
		res, err := do(src)
		if err != nil {
			return
		}
		if got, err := edit.Apply(src, res.Edits); err != nil || !bytes.Equal(got, res.Content) {
			t.Errorf("the edits do not make the content: %v", err)
		}
		if again, err := do(src); err != nil || !bytes.Equal(again.Content, res.Content) {
			t.Errorf("a second run gives something else: %v", err)
		}
		if bytes.Contains(src, []byte("\r")) {
			return
		}
		crlf, err := do(toCRLF(src))
		if err != nil || !bytes.Equal(toLF(crlf.Content), res.Content) {
			t.Errorf("with CRLF: %v\n%s", err, edit.Unified("lf", "crlf", res.Content, toLF(crlf.Content)))
		}
	})
}
