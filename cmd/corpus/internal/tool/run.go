package tool

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A Tool is a lockfix binary.
type Tool struct {
	Binary  string
	Timeout time.Duration // of one run
	Env     []string      // for every run, after the caller's own
}

// A Run is what one run gave.
type Run struct {
	Report  Report
	Raw     []byte // the report as it was printed
	Status  int    // exit status
	Fault   string // why the run is no result: it timed out, crashed or printed no report
	Stderr  string
	Elapsed time.Duration
	RSS     int64 // bytes, of the largest process; 0 where the system does not tell
}

// Where says where to run.
type Where struct {
	Tree string   // the names in the report are relative to it
	Dir  string   // below the tree, slash-separated
	Env  []string // for this place
}

// Run runs lockfix with a JSON report. An error is one of starting it; what the
// program itself did wrong is in the result.
func (t Tool) Run(at Where, args ...string) (Run, error) {
	ctx, cancel := context.WithTimeout(context.Background(), t.Timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, t.Binary, append([]string{"-f", "json"}, args...)...)
	cmd.Dir = filepath.Join(at.Tree, filepath.FromSlash(at.Dir))
	cmd.Env = append(append(os.Environ(), t.Env...), at.Env...)
	cmd.WaitDelay = 5 * time.Second // children may hold the pipes
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && ctx.Err() == nil && !errors.Is(err, exec.ErrWaitDelay) {
		return Run{}, fmt.Errorf("run lockfix: %w", err)
	}
	r := Run{Status: cmd.ProcessState.ExitCode(), Stderr: stderr.String(), Elapsed: time.Since(start), RSS: maxRSS(cmd.ProcessState)}
	if ctx.Err() != nil {
		r.Fault = fmt.Sprintf("timed out after %s", t.Timeout)
		return r, nil
	}
	r.Raw = stdout.Bytes()
	r.read(r.Raw)
	r.Report.rebase(at.Dir)
	return r, nil
}

// read takes in the report and looks for signs of a crash.
func (r *Run) read(stdout []byte) {
	if err := json.Unmarshal(stdout, &r.Report); err != nil {
		r.Fault = fmt.Sprintf("exit status %d without a report: %v: %s", r.Status, err, FirstLine(r.Stderr))
	} else if r.Report.Version != 1 {
		r.Fault = fmt.Sprintf("report version %d is not known here", r.Report.Version)
	}
	if r.Status < 0 || r.Status > 2 {
		r.Fault = fmt.Sprintf("exit status %d: %s", r.Status, FirstLine(r.Stderr))
	}
	texts := []string{r.Stderr}
	for _, e := range r.Report.Errors {
		texts = append(texts, e.Message)
	}
	for _, text := range texts {
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "panic:") || strings.Contains(line, ownFault) {
				r.Fault = strings.TrimSpace(line)
				return
			}
		}
	}
}

// ownFault is how lockfix calls a fault that is its own. Not "internal error":
// package loading says that of some old trees.
const ownFault = "fault of lockfix"

// FirstLine is the first line of what a program said.
func FirstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// Build builds lockfix from the module of the working directory.
func Build(into string) (string, error) {
	binary := filepath.Join(into, "lockfix.exe") // the suffix does no harm elsewhere
	cmd := exec.Command("go", "build", "-o", binary, "github.com/lockfix/lockfix/cmd/lockfix")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build lockfix: %w: %s", err, bytes.TrimSpace(out))
	}
	return binary, nil
}
