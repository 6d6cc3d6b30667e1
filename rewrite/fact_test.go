package rewrite

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// TestFactsTravelByGob holds that a fact comes out of gob as it went in, and goes
// in as the same bytes each time.
func TestFactsTravelByGob(t *testing.T) {
	gob.Register(new(Fact))
	packages := []*source.Package{check.Sample(t, 3), check.Package(t, `package p

import "sync"

type T struct{ a, b, c, d sync.Mutex }

func (t *T) All() (a, b, c, d *sync.Mutex) { return &t.a, &t.b, &t.c, &t.d }

func (t *T) Lock() (func(), func()) {
	t.a.Lock()
	t.b.Lock()
	return t.a.Unlock, t.b.Unlock
}

func (t *T) With(f func()) {
	t.a.Lock()
	defer t.a.Unlock()
	t.b.Lock()
	defer t.b.Unlock()
	f()
}

func Send(ch chan int) { ch <- 1 }
`)}
	count, maps := 0, 0
	for _, src := range packages {
		for fn, f := range Summarize(src, nil, nil).Funcs {
			first := encode(t, f)
			for range 20 {
				if !bytes.Equal(encode(t, f), first) {
					t.Fatalf("%s: the same fact has other bytes", fn)
				}
			}
			var got analysis.Fact
			if err := gob.NewDecoder(bytes.NewReader(first)).Decode(&got); err != nil {
				t.Fatalf("%s: %v", fn, err)
			}
			if got, want := exported(t, got.(*Fact).Func), exported(t, f); got != want {
				t.Errorf("%s: got\n%s, want\n%s", fn, got, want)
			}
			count++
			if len(f.Results) > 1 || len(f.Gets) > 1 {
				maps++
			}
		}
	}
	if count < 10 || maps == 0 {
		t.Errorf("only %d facts, %d of them with a map of several entries", count, maps)
	}
}

// exported writes all that a summary says: the rest stays in the process.
func exported(t *testing.T, f *summary.Func) string {
	t.Helper()
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func encode(t *testing.T, f *summary.Func) []byte {
	t.Helper()
	var b bytes.Buffer
	fact := analysis.Fact(&Fact{f})
	if err := gob.NewEncoder(&b).Encode(&fact); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
