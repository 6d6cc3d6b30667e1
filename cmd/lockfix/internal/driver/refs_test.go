package driver

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
)

// TestMissingReferencesAreLoaded: a list that says too little costs time only.
func TestMissingReferencesAreLoaded(t *testing.T) {
	noRefs = true
	defer func() { noRefs = false }()
	kept := store.Memory()
	for range 2 { // the second run reads what the first has kept
		r := &recorder{}
		result := r.run(t, Config{Dir: unpack(t, modules), Tests: true, Store: kept})
		if len(result.Problems) > 0 || !r.facts["example.com/m/p.F"] && len(r.summarized) > 0 {
			t.Errorf("problems %v, facts %v", result.Problems, r.facts)
		}
	}
}

// circular has an alias that the reader of export data does not understand.
const circular = `
-- go.mod --
module example.com/m

go 1.26
-- p/p.go --
package p

type A[T any] = *N[T]

type N[T any] struct {
	next A[T]
	all  []A[int]
}

func F() A[string] { return nil }
-- q/q.go --
package q

import "example.com/m/p"

type Q struct{ P p.A[string] }
-- m.go --
package main

import (
	"example.com/m/p"
	"example.com/m/q"
)

func main() { _ = q.Q{P: p.F()} }
`

// TestTypesThatCannotBeRead: they come from source then, the same for all who refer to
// them, and what importers have to say is kept.
func TestTypesThatCannotBeRead(t *testing.T) {
	dir, kept, session := unpack(t, circular), store.Memory(), NewSession()
	run := func(edited string, s *Session) *recorder {
		t.Helper()
		if edited != "" {
			name := filepath.Join(dir, edited)
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, append(text, "\nfunc F"+fmt.Sprint(len(text))+"() {}\n"...), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		r := &recorder{}
		c := Config{Dir: dir, Store: kept, Session: s, Recall: recalls}
		if result := r.run(t, c); len(result.Problems) > 0 {
			t.Errorf("%s edited: problems %v", edited, result.Problems)
		}
		return r
	}
	if r := run("", nil); !r.facts["example.com/m/p.F"] {
		t.Errorf("facts %v", r.facts)
	}
	if r := run("", nil); len(r.summarized) > 0 {
		t.Errorf("%v is not kept", r.summarized)
	}
	for _, edited := range []string{"m.go", "q/q.go", "m.go", "p/p.go", "q/q.go", "m.go"} {
		if r := run(edited, session); len(r.summarized) == 0 {
			t.Errorf("%s edited: nothing is analysed", edited)
		}
	}
}
