package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
)

// TestManyPackages runs lockfix over packages of one line, one of which is not
// right. LOCKFIX_PACKAGES=N makes N of them (make many).
func TestManyPackages(t *testing.T) {
	n := 500
	if many, err := strconv.Atoi(os.Getenv("LOCKFIX_PACKAGES")); err == nil {
		n = many
	}
	t.Setenv(store.Variable, t.TempDir())
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/m\n\ngo 1.26\n")
	for i := range n {
		write(fmt.Sprintf("p%05d/p.go", i), fmt.Sprintf("package p%05d\n", i))
	}
	write("p00007/p.go", "package p00007; import \"sync\"; func f(mu *sync.Mutex) { mu.Lock(); mu.Lock() }\n")
	exe := filepath.Join(t.TempDir(), "lockfix")
	if out, err := exec.Command("go", "build", "-o", exe, ".").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	cmd := exec.Command(exe, "./...")
	cmd.Dir = dir
	out, _ := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "./p00007/p.go:1:") || !strings.Contains(string(out), fmt.Sprintf("in %d packages", n)) {
		t.Errorf("status %d, want 1 with a finding:\n%.2000s", cmd.ProcessState.ExitCode(), out)
	}
	t.Logf("%d packages: %s", n, out[strings.LastIndex(strings.TrimSpace(string(out)), "\n")+1:])
}
