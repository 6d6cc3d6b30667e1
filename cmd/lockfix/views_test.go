package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rules"
)

// writeLocks writes a module with n locks, ten a package, each taken while another
// one is held. Some orders close cycles, some locks have callbacks under them, and
// one type is generic.
func writeLocks(t *testing.T, dir string, n int) {
	t.Helper()
	write := func(name, text string) {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/locks\n\ngo 1.24\n")
	for first := 0; first < n; first += 10 {
		name := fmt.Sprintf("p%02d", first/10)
		write(filepath.Join(name, name+".go"), lockPackage(first, min(n, first+10)))
	}
}

// lockPackage is a package with the locks from first on: each leads to the next one,
// and to one of a package before.
func lockPackage(first, end int) string {
	var imports, code strings.Builder
	name := fmt.Sprintf("p%02d", first/10)
	before := first - 10*(1+first%30/10)
	if before >= 0 {
		fmt.Fprintf(&imports, "\t\"example.com/locks/p%02d\"\n", before/10)
	}
	for i := first; i < end; i++ {
		fmt.Fprintf(&code, "\n// T%d has lock %d.\ntype T%d struct {\n\tmu sync.Mutex\n\tn int\n\tdone func()\n}\n\n", i, i, i)
		fmt.Fprintf(&code, "// Add locks it.\nfunc (t *T%d) Add() {\n\tt.mu.Lock()\n\tdefer t.mu.Unlock()\n\tt.n++\n}\n", i)
		take := func(fn, of string) {
			fmt.Fprintf(&code, "\n// %s takes another lock.\nfunc (t *T%d) %s(o *%s) {\n\tt.mu.Lock()\n\tdefer t.mu.Unlock()\n\to.Add()\n}\n", fn, i, fn, of)
		}
		if i+1 < end {
			take("Next", fmt.Sprintf("T%d", i+1))
		}
		if before >= 0 && i%3 == 0 {
			take("Back", fmt.Sprintf("p%02d.T%d", before/10, before+i%10))
		}
		if i%25 == 4 {
			take("Up", fmt.Sprintf("T%d", i-1)) // the other order
		}
		if i%20 == 2 {
			fmt.Fprintf(&code, "\n// Done calls back.\nfunc (t *T%d) Done() {\n\tt.mu.Lock()\n\tdefer t.mu.Unlock()\n\tt.done()\n}\n", i)
		}
	}
	return fmt.Sprintf("// Package %s has locks.\npackage %s\n\nimport (\n\t\"sync\"\n%s)\n%s", name, name, &imports, &code)
}

// TestManyLocks finds all locks of a module that was made of them. LOCKFIX_LOCKS=dir
// writes one of 200 there, to be looked at (make e2e-views).
func TestManyLocks(t *testing.T) {
	t.Setenv(store.Variable, t.TempDir())
	dir, n := t.TempDir(), 40
	if out := os.Getenv("LOCKFIX_LOCKS"); out != "" {
		dir, n = out, 200
	}
	writeLocks(t, dir, n)
	var stdout, stderr strings.Builder
	if status := (program{rewrite.Default, rules.All(), &stdout, &stderr}).run([]string{"graph", "-C", dir, "--all"}); status != statusClean {
		t.Fatalf("status %d: %s", status, &stderr)
	}
	if want := fmt.Sprintf("%d locks, ", n); !strings.HasPrefix(stdout.String(), want) || !strings.Contains(stdout.String(), "\ncycle (") || !strings.Contains(stdout.String(), "\ncallback: t.done") {
		t.Errorf("want %s with cycles and callbacks, got\n%.500s", want, &stdout)
	}
}
