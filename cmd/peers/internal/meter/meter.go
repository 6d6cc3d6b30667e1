// Package meter runs a command and says what it and all that it started cost.
//
// # What is measured
//
// Wall time is that of the process which is started. CPU time, user and system, is
// what the system counts for it and the children that were waited for, theirs
// included (rusage): what the go command and its compilers do is in it.
//
// Peak memory is the largest sum of resident sets of all processes of the tree,
// looked at every 20 ms (Linux only). The rusage of a process has only the largest
// set of any one child: under the go command, which runs one tool per core, that
// is too little, and nothing can be added up afterwards. Two errors stay, and are
// small: pages that processes share, as the text of a program that runs twice, are
// counted for each, and what lives for less than the interval may not be seen.
// Rejected: proportional sets (smaps_rollup), which count shared pages once, but
// whose reading stops the process for long enough to be measured itself.
//
// # Process groups
//
// Each command has a group of its own: the tree is known by it, and when the
// context ends, or the command leaves something behind, the group is killed.
package meter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// interval is how often memory is looked at.
const interval = 20 * time.Millisecond

// A Command is what is run.
type Command struct {
	Args []string // the program first
	Dir  string
	Env  []string // on top of our own
}

// A Cost is what one run took.
type Cost struct {
	Wall time.Duration
	CPU  time.Duration // user and system, of the whole tree
	Peak int64         // bytes, of the whole tree; 0: not known here
}

// A Result is how a run ended.
type Result struct {
	Cost
	Status int
	Tail   string // the end of what it printed
}

// Run runs a command to its end. An exit status is no error; a signal is one.
func Run(ctx context.Context, c Command) (Result, error) {
	cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	cmd.Dir = c.Dir
	cmd.Env = append(os.Environ(), c.Env...)
	var out tail
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = 5 * time.Second // what is left behind may hold the pipe
	own(cmd)
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return Result{}, fmt.Errorf("start %s: %w", c, err)
	}
	group := cmd.Process.Pid
	stop := make(chan struct{})
	peak := make(chan int64, 1)
	go func() { peak <- watch(group, stop) }()
	err := cmd.Wait()
	r := Result{Cost: Cost{Wall: time.Since(start)}}
	close(stop)
	r.Peak = <-peak
	kill(group) // what was left behind
	r.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	r.Status, r.Tail = cmd.ProcessState.ExitCode(), out.String()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return Result{}, fmt.Errorf("run %s: %w", c, context.Cause(ctx))
	case err != nil && !errors.As(err, &exit), r.Status < 0:
		return Result{}, fmt.Errorf("run %s in %s: %w: %s", c, c.Dir, err, r.Tail)
	}
	return r, nil
}

// String is the command as a person would type it, directories aside.
func (c Command) String() string {
	return strings.Join(append([]string{filepath.Base(c.Args[0])}, c.Args[1:]...), " ")
}

// watch returns the largest sum of resident sets of a process group until stop.
func watch(group int, stop <-chan struct{}) (peak int64) {
	look := newTree(group)
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	for {
		peak = max(peak, look.resident())
		select {
		case <-stop:
			return peak
		case <-ticks.C:
		}
	}
}

// A tail keeps the end of what is written to it.
type tail struct{ bytes.Buffer }

const maxTail = 2000

func (t *tail) Write(p []byte) (int, error) {
	n, err := t.Buffer.Write(p)
	if extra := t.Len() - maxTail; extra > 0 {
		t.Next(extra)
	}
	return n, err
}

func (t *tail) String() string { return strings.TrimSpace(t.Buffer.String()) }
