package lockfix_test

import (
	"bytes"
	"errors"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The tests of the demo show its deadlocks; lockfix -w mends them all, keeps the
// comments, and has nothing left to say. The diff says the same as -w does.
func TestDemoIsMendedByPlainW(t *testing.T) {
	lockfix := buildCommand(t)
	dir, patched := copyDemo(t), copyDemo(t)
	before := commentsBelow(t, dir)

	if out, status := run(t, dir, "go", "test", "-vet=off", "./..."); status == 0 || strings.Count(out, "deadlock") < 7 {
		t.Errorf("the demo shows no seven deadlocks before the fix:\n%s", out)
	}
	out, status := run(t, dir, lockfix, "./...")
	if status != 1 {
		t.Errorf("status %d for a module with findings:\n%s", status, out)
	}
	for _, file := range []string{"gate/gate.go", "relay/relay.go", "semaphore/semaphore.go", "semaphore/notify.go", "pipeline/pipeline.go", "ledger/ledger.go"} {
		if !strings.Contains(out, file+":") {
			t.Errorf("no finding in %s:\n%s", file, out)
		}
	}
	diff, status := run(t, dir, lockfix, "-d", "./...")
	if status != 1 {
		t.Errorf("status %d for a diff that is not empty:\n%s", status, diff)
	}
	if out, status := run(t, dir, lockfix, "-w", "./..."); status != 0 {
		t.Fatalf("status %d where everything can be mended:\n%s", status, out)
	}
	if out, status := run(t, dir, "go", append([]string{"test", "-count=5"}, append(raceFlags, "./...")...)...); status != 0 {
		t.Errorf("the demo fails after the fix:\n%s", out)
	}
	if after := commentsBelow(t, dir); !maps.Equal(before, after) {
		t.Errorf("comments before %v, after %v", before, after)
	}
	if out, status := run(t, dir, lockfix, "-w", "./..."); status != 0 {
		t.Errorf("status %d on a second run:\n%s", status, out)
	}
	applyDiff(t, patched, diff)
	sameFiles(t, dir, patched)
}

// buildCommand builds lockfix and returns its path.
func buildCommand(t *testing.T) string {
	t.Helper()
	t.Setenv("LOCKFIX_CACHE", t.TempDir()) // the cache of whoever runs the tests is theirs
	exe := filepath.Join(t.TempDir(), "lockfix.exe")
	if out, status := run(t, ".", "go", "build", "-o", exe, "./cmd/lockfix"); status != 0 {
		t.Fatalf("building the command:\n%s", out)
	}
	return exe
}

func copyDemo(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "demo"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// run runs a command and returns its standard output and its status.
func run(t *testing.T, dir, name string, args ...string) (out string, status int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		status = exit.ExitCode()
	} else if err != nil {
		t.Fatalf("running %s: %v", name, err)
	}
	if status != 0 {
		t.Logf("%s %s: status %d: %s", filepath.Base(name), strings.Join(args, " "), status, stderr.Bytes())
	}
	return stdout.String(), status
}

func applyDiff(t *testing.T, dir, diff string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "fix.diff")
	if err := os.WriteFile(name, []byte(diff), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, status := run(t, dir, "git", "apply", name); status != 0 {
		t.Fatalf("git apply refuses the diff:\n%s\n%s", out, diff)
	}
}

func goFiles(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s holds no Go files: %v", dir, err)
	}
	return files
}

func sameFiles(t *testing.T, a, b string) {
	t.Helper()
	for _, name := range goFiles(t, a) {
		rel, err := filepath.Rel(a, name)
		if err != nil {
			t.Fatal(err)
		}
		x, errX := os.ReadFile(name)
		y, errY := os.ReadFile(filepath.Join(b, rel))
		if errX != nil || errY != nil || !bytes.Equal(x, y) {
			t.Errorf("%s: -w and -d differ (%v, %v):\n%s\nand\n%s", rel, errX, errY, x, y)
		}
	}
}

// commentsBelow counts the comments of the files in the directories of dir.
func commentsBelow(t *testing.T, dir string) map[string]int {
	t.Helper()
	count := make(map[string]int)
	for _, name := range goFiles(t, dir) {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, group := range f.Comments {
			for _, c := range group.List {
				count[filepath.Base(name)+": "+c.Text]++
			}
		}
	}
	return count
}
