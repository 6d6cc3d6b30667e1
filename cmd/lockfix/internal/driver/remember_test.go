package driver

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// copyMemory copies what a store remembers of runs of a configuration.
func copyMemory(t *testing.T, c Config, from, to *store.Store, kinds ...string) {
	t.Helper()
	c.Session = NewSession()
	key := newRun(c, nil).listingKey()
	for _, kind := range kinds {
		k := store.KeyOf(kind, string(key[:]))
		data, ok := from.Get(k)
		if !ok {
			t.Fatalf("the %s is not kept", kind)
		}
		to.Put(k, data)
	}
}

// recalls is a Recall that can do with whatever was kept.
func recalls(*Unit, []byte) (tell func()) { return func() {} }

// Of a package that nothing imports only what its visit left is kept; as soon as
// something does, the rest is made up for, once.
func TestAPackageAloneHasNoFactsToKeep(t *testing.T) {
	dir, kept := unpack(t, modules), store.Memory()
	c := Config{Dir: dir, Store: kept, Recall: recalls}
	for i, test := range []struct{ patterns, summarized []string }{
		{[]string{"./p"}, []string{"example.com/m/p"}},
		{[]string{"./p"}, nil},
		{[]string{"./q"}, []string{"example.com/m/p", "example.com/m/q"}},
		{[]string{"./q", "./p"}, nil},
		{[]string{"./p"}, nil},
	} {
		r := &recorder{}
		c.Patterns = test.patterns
		r.run(t, c)
		if !slices.Equal(r.summarized, test.summarized) {
			t.Errorf("run %d, %v: summarized %v, want %v", i, test.patterns, r.summarized, test.summarized)
		}
		if i == 2 && !r.facts["example.com/m/p.F"] {
			t.Errorf("facts %v, want one of p.F", r.facts)
		}
	}
}

// What importers need of a package may be gone from the store between two looks:
// it is found out again.
func TestAnEntryThatIsGoneIsMadeAgain(t *testing.T) {
	for _, test := range []struct {
		name   string
		before []string // patterns of a run before, with the same store
	}{{"gone", nil}, {"as of a package alone", []string{"./p"}}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // it sleeps
			r := &recorder{}
			c := Config{Dir: unpack(t, modules), Store: store.Memory(), Recall: recalls}
			r.run(t, c)
			first := len(r.summarized)
			r.run(t, c)
			if len(r.summarized) != first {
				t.Errorf("summarized again: %v", r.summarized[first:])
			}
			// q changes, and all that was kept of p is lost but what the listing knows.
			time.Sleep(slack)
			if err := os.WriteFile(filepath.Join(c.Dir, "q", "q.go"), []byte("package q\n\nimport \"example.com/m/p\"\n\nfunc Other() { p.F() }\n"), 0o666); err != nil {
				t.Fatal(err)
			}
			kept := c.Store
			c.Store = store.Memory()
			copyMemory(t, c, kept, c.Store, "listing", "state")
			if test.before != nil {
				other := c
				other.Patterns = test.before
				r.run(t, other)
			}
			r.summarized = nil
			r.run(t, c)
			if want := []string{"example.com/m/p", "example.com/m/q"}; !slices.Equal(r.summarized, want) {
				t.Errorf("summarized %v, want %v", r.summarized, want)
			}
			if !r.facts["example.com/m/p.F"] {
				t.Errorf("facts %v, want one of p.F", r.facts)
			}
		})
	}
}

// Two runs at once may leave the listing of one and the state of the other: these say
// nothing together.
func TestAStateOfAnotherListing(t *testing.T) {
	c := Config{Dir: unpack(t, modules)}
	stores := []*store.Store{store.Memory(), store.Memory()}
	for _, s := range stores {
		c.Store = s
		new(recorder).run(t, c)
	}
	c.Session = NewSession()
	if newRun(c, nil).recollect().fresh {
		t.Fatal("the listing is not remembered")
	}
	copyMemory(t, c, stores[0], stores[1], "state")
	if !newRun(c, nil).recollect().fresh {
		t.Error("a listing holds with the state of another one")
	}
}

// What an interrupted run has found out is there for the next one.
func TestAnInterruptedRunKeepsWhatItHas(t *testing.T) {
	cache := t.TempDir()
	open := func() *store.Store {
		s, err := store.Open(cache)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := &recorder{}
	c := Config{Dir: unpack(t, modules), Store: open(), Jobs: 1, Recall: recalls, Summarize: r.summarize}
	c.Visit = func(u *Unit) (*summary.Package, []byte) { return u.Package, []byte("seen") }
	c.Progress = func(int, int) { cancel() }
	if _, err := Run(ctx, c); err == nil || len(r.summarized) != 1 {
		t.Fatalf("summarized %v, %v; want one and an error", r.summarized, err)
	}
	first := r.summarized
	r = &recorder{}
	c.Store, c.Progress = open(), nil
	r.run(t, c)
	if want := []string{"example.com/m/q"}; !slices.Equal(r.summarized, want) {
		t.Errorf("summarized %v after %v, want %v", r.summarized, first, want)
	}
}

// The go command names the files of a directory behind a link as we do.
func TestDirectoriesBehindLinks(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link")
	symlink(t, unpack(t, modules), link)
	out, _, err := run(t.Context(), link, "list", "-f", "{{.Dir}}", "./p")
	if want := filepath.Join(link, "p"); err != nil || strings.TrimSpace(string(out)) != want {
		t.Errorf("%s, %v, want %s", out, err, want)
	}
}
