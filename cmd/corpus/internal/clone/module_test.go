package clone_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lockfix/lockfix/cmd/corpus/internal/clone"
	"github.com/lockfix/lockfix/cmd/corpus/internal/gittest"
)

func TestATreeWithoutModulesGetsThePathItImportsItselfBy(t *testing.T) {
	tests := []struct {
		claim string
		files map[string]string
		want  string
	}{
		{"the old owner's name", map[string]string{
			"a/a.go": "package a\nimport _ \"github.com/old/name/b\"\n",
			"b/b.go": "package b\nimport _ \"github.com/other/lib/x\"\n",
		}, "github.com/old/name"},
		{"a path of two elements", map[string]string{
			"a/a.go": "package a\nimport _ \"go.example.io/name/b\"\n", "b/b.go": "package b\n",
		}, "go.example.io/name"},
		{"dependencies have no vote, even at the root", map[string]string{
			"r.go":   "package r\nimport (\n_ \"github.com/dep/one\"\n_ \"github.com/dep/two\"\n)\n",
			"a/a.go": "package a\nimport _ \"github.com/old/name/b\"\n", "b/b.go": "package b\n",
		}, "github.com/old/name"},
		{"vendored packages have no vote", map[string]string{
			"a/a.go":                          "package a\nimport _ \"github.com/old/name/b\"\n",
			"b/b.go":                          "package b\n",
			"vendor/github.com/x/y/b/b.go":    "package b\nimport (\n_ \"github.com/x/y/a\"\n_ \"github.com/x/y/b\"\n)\n",
			"vendor/github.com/x/y/a/also.go": "package a\nimport _ \"github.com/x/y/b\"\n",
		}, "github.com/old/name"},
		{"the repository's name where nothing imports", map[string]string{"r.go": "package r\n"}, "github.com/owner/name"},
		{"a file that does not parse is passed over", map[string]string{"r.go": "no go\n"}, "github.com/owner/name"},
	}
	for _, tt := range tests {
		t.Run(tt.claim, func(t *testing.T) {
			tree := t.TempDir()
			gittest.Write(t, tree, tt.files)
			for range 2 { // the second finds what the first made
				m, err := clone.ModuleOf(tree, "a/a.go", "owner/name", time.Time{})
				if err != nil || m.Dir != "." || !m.Old {
					t.Fatalf("module is %+v (%v)", m, err)
				}
			}
			if !strings.Contains(read(t, tree, "go.mod"), "\nmodule "+tt.want+"\n") {
				t.Errorf("go.mod is %q, want module %s", read(t, tree, "go.mod"), tt.want)
			}
		})
	}
}

func TestImportsKeptInOldPlacesLoad(t *testing.T) {
	const dep = "package y\nconst C = 1\n"
	for _, tt := range []struct{ claim, at, path string }{
		{"in vendor", "vendor/github.com/x/y", "github.com/x/y"},
		{"in a Godeps workspace", "Godeps/_workspace/src/github.com/x/y", "github.com/x/y"},
		{"in a Godeps workspace, named by rewritten imports", "Godeps/_workspace/src/github.com/x/y",
			"github.com/old/name/Godeps/_workspace/src/github.com/x/y"},
		{"below cmd", "cmd/vendor/github.com/x/y", "github.com/x/y"},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			tree := t.TempDir()
			gittest.Write(t, tree, map[string]string{
				"a/a.go":        "package a\nimport (\n_ \"github.com/old/name/b\"\n\"" + tt.path + "\"\n)\nvar V = y.C\n",
				"b/b.go":        "package b\n",
				tt.at + "/y.go": dep,
			})
			if strings.HasPrefix(tt.at, "cmd") { // as a repository had it: the tree in its own vendor directory
				at := filepath.Join(tree, "cmd", "vendor", "github.com", "old")
				if err := os.MkdirAll(at, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.Symlink("../../../..", filepath.Join(at, "name")); err != nil {
					t.Fatal(err)
				}
			}
			m, err := clone.ModuleOf(tree, "a/a.go", "owner/name", time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("go", "vet", "./a")
			cmd.Dir = tree
			cmd.Env = append(append(os.Environ(), m.Env...), "GOPROXY=off")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("the package does not load: %v: %s", err, out)
			}
		})
	}
}

func TestTheNearestModuleIsLeftAsItIs(t *testing.T) {
	tree := t.TempDir()
	files := map[string]string{"go.mod": "module m\n\ngo 1.20\n", "s/go.mod": "module m/s\n\ngo 1.20\n",
		"v/go.mod": "module m/v\n\ngo 1.20\n", "v/vendor/modules.txt": "# x v1.0.0\n## explicit\n",
		"o/go.mod": "module m/o\n\ngo 1.12\n", "o/vendor/modules.txt": "# x v1.0.0\n"}
	gittest.Write(t, tree, files)
	for _, tt := range []struct{ claim, file, dir, mode string }{
		{"the root's", "a/b.go", ".", "-mod=mod"},
		{"a nested one", "s/t/u.go", "s", "-mod=mod"},
		{"one that has vendored", "v/a.go", "v", "-mod=vendor"},
		{"one whose vendor directory is too old for the go command", "o/a.go", "o", "-mod=mod"},
	} {
		m, err := clone.ModuleOf(tree, tt.file, "o/n", time.Time{})
		if err != nil || m.Dir != tt.dir || m.Old {
			t.Errorf("%s: module is %+v (%v), want directory %s", tt.claim, m, err, tt.dir)
		}
		if !slices.ContainsFunc(m.Env, func(kv string) bool { return strings.HasSuffix(kv, tt.mode) }) {
			t.Errorf("%s: environment is %v, want %s", tt.claim, m.Env, tt.mode)
		}
	}
	for name, text := range files {
		if read(t, tree, name) != text {
			t.Errorf("%s was changed", name)
		}
	}
}
