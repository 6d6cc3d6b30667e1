package driver

import (
	"bytes"
	sourced "go/importer"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"testing"

	"golang.org/x/tools/go/gcexportdata"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
)

// TestRefsAreThoseOfExportData: what export data refers to is listed by the packages
// on the way there.
func TestRefsAreThoseOfExportData(t *testing.T) {
	fset := token.NewFileSet()
	imp := sourced.ForCompiler(fset, "source", nil)
	found := 0
	for _, path := range []string{"bufio", "context", "crypto/tls", "database/sql", "encoding/json", "go/types", "iter", "log/slog", "net/http", "os/exec", "reflect", "slices", "testing"} {
		pkg, err := imp.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		var data bytes.Buffer
		if err := gcexportdata.Write(&data, nil, pkg); err != nil {
			t.Fatal(err)
		}
		read := make(map[string]*types.Package)
		if _, err := gcexportdata.Read(&data, fset, read, path); err != nil {
			t.Fatal(err)
		}
		listed := map[string]bool{path: true, "unsafe": true}
		for todo := []*types.Package{pkg}; len(todo) > 0; todo = todo[1:] {
			for _, ref := range refsOf(todo[0]) {
				if !listed[ref] {
					listed[ref] = true
					next, err := imp.Import(ref)
					if err != nil {
						t.Fatal(err)
					}
					todo = append(todo, next)
				}
			}
		}
		for _, ref := range slices.Sorted(maps.Keys(read)) {
			found++
			if !listed[ref] {
				t.Errorf("%s: %s is not listed", path, ref)
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d references", found)
	}
}

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
