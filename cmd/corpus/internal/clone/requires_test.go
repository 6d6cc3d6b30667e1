package clone_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/goproxytest"

	"github.com/lockfix/lockfix/cmd/corpus/internal/clone"
	"github.com/lockfix/lockfix/cmd/corpus/internal/gittest"
)

// release writes a version of a module for the proxy.
func release(t *testing.T, dir, module, version, day, declares string) {
	text := fmt.Sprintf("-- .mod --\nmodule %s\n-- .info --\n{\"Version\":%q,\"Time\":\"%sT00:00:00Z\"}\n-- go.mod --\nmodule %s\n-- x.go --\npackage x\n\nconst C = %q\n",
		declares, version, day, declares, version)
	gittest.Write(t, dir, map[string]string{strings.ReplaceAll(module, "/", "_") + "_" + version + ".txt": text})
}

func TestAnOldTreeGetsWhatItImportsInTheVersionOfItsDay(t *testing.T) {
	mods := t.TempDir()
	for version, day := range map[string]string{"v1.0.0": "2014-01-01", "v1.1.0": "2015-03-01", "v1.2.0": "2018-01-01"} {
		release(t, mods, "example.org/dep/lib", version, day, "example.org/dep/lib")
	}
	release(t, mods, "example.org/late/lib", "v0.1.0", "2019-01-01", "example.org/late/lib")
	release(t, mods, "example.org/moved/lib", "v1.0.0", "2015-01-01", "example.org/elsewhere/lib")
	proxy, err := goproxytest.NewServer(mods, "")
	if err != nil {
		t.Fatal(err)
	}
	defer proxy.Close()
	t.Setenv("GOPROXY", proxy.URL)
	t.Setenv("GONOSUMDB", "*")
	t.Setenv("GOMODCACHE", filepath.Join(t.TempDir(), "mod"))
	t.Setenv("GOFLAGS", "-modcacherw")

	tree := t.TempDir()
	gittest.Write(t, tree, map[string]string{
		"a/a.go": "package a\nimport (\n\"github.com/old/name/b\"\nx \"example.org/dep/lib\"\ny \"example.org/late/lib\"\n)\nvar V = b.B + x.C + y.C\n",
		"b/b.go": "package b\nconst B = `b`\n",
		"c/c.go": "package c\nimport (\n_ \"example.org/moved/lib\"\n_ \"example.org/nowhere/lib\"\n)\n",
	})
	m, err := clone.ModuleOf(tree, "a/a.go", "owner/name", time.Date(2015, 6, 1, 0, 0, 0, 0, time.UTC))
	if err != nil || !m.Old {
		t.Fatalf("module is %+v (%v)", m, err)
	}
	gomod := read(t, tree, "go.mod")
	for line, want := range map[string]bool{
		"require example.org/dep/lib v1.1.0": true, "require example.org/late/lib v0.1.0": true,
		"moved": false, "nowhere": false, "require github.com/old/name": false,
	} {
		if strings.Contains(gomod, line) != want {
			t.Errorf("go.mod has %q: %v, want %v:\n%s", line, !want, want, gomod)
		}
	}
	cmd := exec.Command("go", "vet", "./a")
	cmd.Dir = tree
	cmd.Env = append(os.Environ(), m.Env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("the package does not load: %v: %s", err, out)
	}
}

func TestAProxyThatCannotBeAskedIsAnError(t *testing.T) {
	t.Setenv("GOPROXY", "http://127.0.0.1:1")
	tree := t.TempDir()
	gittest.Write(t, tree, map[string]string{"a/a.go": "package a\n\nimport _ \"example.org/dep/lib\"\n"})
	_, err := clone.ModuleOf(tree, "a/a.go", "owner/name", time.Date(2015, 6, 1, 0, 0, 0, 0, time.UTC))
	if err == nil || !strings.Contains(err.Error(), "look up example.org/dep/lib") {
		t.Errorf("error is %v", err)
	}
	if _, err := os.Stat(filepath.Join(tree, "go.mod")); err == nil {
		t.Error("a module that is not whole is left")
	}
}
