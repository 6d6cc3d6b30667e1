package ruletest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// deadlocks are the words of the Go runtime for goroutines that nobody will wake:
// of the whole program, and of a bubble of testing/synctest.
var deadlocks = regexp.MustCompile(`all goroutines are asleep - deadlock|deadlock: (main bubble goroutine has exited but blocked goroutines remain|all goroutines in bubble are blocked)`)

// behaviour runs the archive's own tests: the input must deadlock, the golden of
// its best fix must not. The alarm of go test is switched off, because a process
// without any timer is one whose deadlock the Go runtime sees by itself, at once.
func (c *rowTest) behaviour() {
	var tests bool
	for _, f := range c.row.ar.Files {
		tests = tests || strings.HasSuffix(f.Name, "_test.go")
	}
	if !tests {
		return
	}
	if out, ok := c.goTest(false); ok || !deadlocks.MatchString(out) {
		c.Errorf("the test does not deadlock before the fix:\n%s", out)
	}
	if out, ok := c.goTest(true); !ok {
		c.Errorf("the test fails after the fix:\n%s", out)
	}
}

// goTest runs go test on the archive's files, as they are or as they become.
func (c *rowTest) goTest(fixed bool) (out string, ok bool) {
	dir := c.TempDir()
	write := func(name string, data []byte) {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			c.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			c.Fatal(err)
		}
	}
	write("go.mod", []byte("module example.com/"+c.row.name+"\n\ngo 1.26\n"))
	for _, f := range c.row.ar.Files {
		if !strings.HasSuffix(f.Name, ".go") {
			continue
		}
		data := f.Data
		if fixed {
			data = c.row.golden(f.Name, true)
		}
		write(f.Name, data)
	}
	ctx, cancel := context.WithTimeout(c.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "test", "-timeout=0", "-vet=off", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	text, err := cmd.CombinedOutput()
	return string(text), err == nil
}
