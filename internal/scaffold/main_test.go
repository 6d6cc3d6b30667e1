package main

import (
	"go/format"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestScaffoldWritesARuleThatIsGo(t *testing.T) {
	root := t.TempDir()
	if err := scaffold(root, "mine"); err != nil {
		t.Fatal(err)
	}
	for file := range files("mine") {
		text, err := os.ReadFile(filepath.Join(root, "mine", file))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "NAME") {
			t.Errorf("%s: a name is missing:\n%s", file, text)
		}
		if !strings.HasSuffix(file, ".go") {
			continue
		}
		if formatted, err := format.Source(text); err != nil || string(formatted) != string(text) {
			t.Errorf("%s is not as gofmt writes it: %v", file, err)
		}
	}
}

func TestScaffoldLeavesARuleAlone(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "mine"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := scaffold(root, "mine"); err == nil {
		t.Error("no error for a rule that is there already")
	}
	if entries, _ := os.ReadDir(filepath.Join(root, "mine")); len(entries) > 0 {
		t.Errorf("wrote %v", entries)
	}
}
