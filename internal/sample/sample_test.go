package sample_test

import (
	"bytes"
	"go/format"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/lockfix/lockfix/internal/sample"
)

func TestAModuleHasNothingForVet(t *testing.T) {
	dir := t.TempDir()
	if err := sample.Write(dir, 10); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "vet", "./...")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*", "*.go")); len(files) != 10 {
		t.Errorf("%d files", len(files))
	}
}

func TestFilesAreFormattedAndAlwaysTheSame(t *testing.T) {
	files := append(sample.Files("p", 20), sample.Package(0), sample.Package(1), sample.Package(47))
	for i, f := range files {
		formatted, err := format.Source(f)
		if err != nil {
			t.Fatalf("file %d: %v\n%s", i, err, f)
		}
		if !bytes.Equal(f, formatted) {
			t.Errorf("file %d is not formatted:\n%s", i, f)
		}
		if n := bytes.Count(f, []byte("\n")); n < 130 || n > 180 {
			t.Errorf("file %d has %d lines", i, n)
		}
	}
	if !bytes.Equal(sample.Package(47), files[22]) {
		t.Error("a second one is another")
	}
}

func TestImportsLeadBack(t *testing.T) {
	deepest := 0
	depth := make([]int, 3000)
	for n := range depth {
		imports := sample.Imports(n)
		if len(imports) > 3 || len(slices.Compact(slices.Clone(imports))) != len(imports) {
			t.Fatalf("%d imports %d", n, imports)
		}
		for _, i := range imports {
			if i < 0 || i >= n {
				t.Fatalf("%d imports %d", n, imports)
			}
			depth[n] = max(depth[n], depth[i]+1)
		}
		deepest = max(deepest, depth[n])
	}
	if deepest < 20 || deepest > 40 {
		t.Errorf("the longest chain of imports has %d packages", deepest)
	}
}
