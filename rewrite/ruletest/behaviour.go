package ruletest

import (
	"bytes"
	"context"
	"flag"
	"fmt"
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

var (
	race  = flag.Bool("behaviour.race", false, "run the tests of archives under the race detector (needs a C compiler)")
	count = flag.Int("behaviour.count", 1, "run the tests of archives that often")
)

// same is the prefix of tests that hold for a program as it is and as it becomes.
const same = "TestSame"

// behaviour runs the archive's own tests. Those that are named TestSame pass with
// the input; all others deadlock with it. All pass with the golden of its best
// fix. The alarm of go test is switched off, because a process without any timer
// is one whose deadlock the Go runtime sees by itself, at once; under the race
// detector it never does, so what must deadlock runs without.
func (c *rowTest) behaviour() {
	var all, sames int
	for _, f := range c.row.ar.Files {
		if strings.HasSuffix(f.Name, "_test.go") {
			all += bytes.Count(f.Data, []byte("\nfunc Test"))
			sames += bytes.Count(f.Data, []byte("\nfunc "+same))
		}
	}
	if all == 0 {
		return
	}
	if all > sames {
		if out, ok := c.goTest(false, false, "-skip=^"+same); ok || !deadlocks.MatchString(out) {
			c.Errorf("the test does not deadlock before the fix:\n%s", out)
		}
	}
	if sames > 0 {
		if out, ok := c.goTest(false, *race, "-run=^"+same, fmt.Sprint("-count=", *count)); !ok {
			c.Errorf("the test fails before the fix:\n%s", out)
		}
	}
	if out, ok := c.goTest(true, *race, fmt.Sprint("-count=", *count)); !ok {
		c.Errorf("the test fails after the fix:\n%s", out)
	}
}

// module writes the go.mod and go.sum of an archive, which has the modules that
// the tests of rules have: two directories up is where they are.
func (c *rowTest) module(write func(name string, data []byte)) {
	text, err := os.ReadFile("../../go.mod")
	if err != nil {
		c.Fatal(err)
	}
	sums, err := os.ReadFile("../../go.sum")
	if err != nil {
		c.Fatal(err)
	}
	_, rest, _ := bytes.Cut(text, []byte("\n"))
	write("go.mod", append([]byte("module example.com/"+c.row.name+"\n"), rest...))
	write("go.sum", sums)
}

// goTest runs go test on the archive's files, as they are or as they become, with
// or without the race detector.
func (c *rowTest) goTest(fixed, race bool, flags ...string) (out string, ok bool) {
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
	c.module(write)
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
	args := append([]string{"test", "-timeout=0", "-vet=off"}, flags...)
	env := append(os.Environ(), "GOWORK=off")
	if race {
		args, env = append(args, "-race"), append(env, "CGO_ENABLED=1")
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "./...")...)
	cmd.Dir, cmd.Env = dir, env
	text, err := cmd.CombinedOutput()
	return string(text), err == nil
}
