package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
)

// asked is a module with fixes of all sorts: two safe ones in one function, of
// which one leads to another, an unsafe one, and a finding without one.
var asked = map[string]string{
	"go.mod": "module example.com/m\n\ngo 1.24\n",
	"p/p.go": `package p

func f() {
	flagme()
	print("between")
	flagnext()
}

func g() {
	flagunsafe()
}

func h() {
	flagnofix()
	flagme()
	print("two of a kind")
	flagme()
}

func flagme()     {}
func flagnext()   {}
func flagunsafe() {}
func flagnofix()  {}
`,
	"q/crlf.go": "package q\r\n\r\nfunc f() {\r\n\tflagme()\r\n}\r\n\r\nfunc flagme() {}\r\n",
}

// TestInteractive answers the questions of -i on a pseudo-terminal.
func TestInteractive(t *testing.T) {
	const question = "? " + choices + ": "
	type step struct{ wait, send string }
	for _, tt := range []struct {
		claim  string
		args   []string
		steps  []step
		status int
		file   string // that is looked at: p/p.go
		gone   []string
		there  []string
		report []string // in what is printed when all is asked
		asks   int      // questions
	}{
		{
			claim:  "nothing changes when the answers are no",
			steps:  []step{{question, "n\n"}, {question, "n\n"}, {question, "n\n"}, {question, "n\n"}, {question, "no\n"}, {question, "n\n"}},
			status: 1,
			there:  []string{"flagme()\n\tprint(\"between", "flagnext()\n}", "flagunsafe()\n}", "flagme()\n\tprint(\"two"},
			report: []string{"kept ./p/p.go:4:2: call of flagme [flag] (the answer was no)", "kept ./p/p.go:14:2: call of flagnofix [flag] (no fix: region"},
			asks:   6,
		},
		{
			claim:  "what is confirmed is written, and what follows from it is asked for",
			steps:  []step{{question, "yes\n"}, {question, "y\n"}, {question, "n\n"}, {question, "n\n"}, {question, "n\n"}, {question, "n\n"}, {question, "y\n"}},
			status: 1,
			gone:   []string{"\tflagme()\n\tprint(\"between", "\tflagnext()\n"},
			there:  []string{"print(\"between\")\n}", "flagunsafe()\n}", "flagme()\n\tprint(\"two"},
			report: []string{"fixed ./p/p.go:4:2", "fixed ./p/p.go:6:2", "3 fixed"},
			asks:   7,
		},
		{
			claim:  "of two of a kind the one that was meant is fixed",
			steps:  []step{{question, "n\n"}, {question, "n\n"}, {question, "n\n"}, {question, "n\n"}, {question, "y\n"}, {question, "n\n"}},
			status: 1,
			there:  []string{"\tflagme()\n\tprint(\"two of a kind\")\n}", "flagme()\n\tprint(\"between"},
			report: []string{"1 fixed"},
			asks:   6,
		},
		{
			claim:  "all are the safe ones, those that follow included; unsafe ones are asked for",
			steps:  []step{{question, "a\n"}, {"apply this unsafe fix" + question, "n\n"}},
			status: 1,
			gone:   []string{"\tflagme()", "\tflagnext()\n"},
			there:  []string{"flagunsafe()\n}"},
			report: []string{"kept ./p/p.go:8:2: call of flagunsafe [flag] (the answer was no)", "6 fixed"},
			asks:   2,
		},
		{
			claim:  "an unsafe fix shows what it assumes, and is applied when that is confirmed",
			steps:  []step{{question, "n\n"}, {question, "n\n"}, {"fix (unsafe): drop the call", ""}, {"assumed: order: two callers may swap", ""}, {"apply this unsafe fix" + question, "y\n"}, {question, "q\n"}},
			status: 1,
			gone:   []string{"flagunsafe()\n}"},
			there:  []string{"flagme()\n\tprint(\"between"},
			report: []string{"fixed ./p/p.go:10:2", "1 fixed"},
			asks:   4,
		},
		{
			claim:  "to quit writes what was confirmed",
			steps:  []step{{question, "y\n"}, {question, "q\n"}},
			status: 1,
			gone:   []string{"flagme()\n\tprint(\"between"},
			there:  []string{"flagnext()\n}"},
			report: []string{"fixed ./p/p.go:4:2", "kept ./p/p.go:5:2: call of flagnext [flag] (not asked for)", "1 fixed"},
			asks:   2,
		},
		{
			claim:  "the end of the input is the same",
			steps:  []step{{question, "y\n"}, {question, "\x04"}},
			status: 1,
			gone:   []string{"flagme()\n\tprint(\"between"},
			there:  []string{"flagnext()\n}"},
			report: []string{"fixed ./p/p.go:4:2"},
			asks:   2,
		},
		{
			claim:  "an interrupt writes nothing, whatever was confirmed",
			steps:  []step{{question, "y\n"}, {question, "\x03"}},
			status: 2,
			there:  []string{"flagme()\n\tprint(\"between"},
			report: []string{"lockfix: interrupted: nothing was written"},
			asks:   2,
		},
		{
			claim:  "the diff is shown, details are on demand, other words are explained",
			steps:  []step{{"-\tflagme()\r\n", ""}, {question, "d\n"}, {"proved  once\r\n", ""}, {"flag: a call of a function that is flagged\r\n\r\nPackage flag has a page.", ""}, {question, "what\n"}, {"a  apply this one and all safe ones that follow", ""}, {question, "q\n"}},
			status: 1,
			there:  []string{"flagme()\n\tprint(\"between"},
			asks:   3,
		},
		{
			claim:  "a finding is silenced by a comment, which needs a reason",
			steps:  []step{{question, "s\n"}, {"reason: ", "\n"}, {"a comment needs a reason", ""}, {question, "s\n"}, {"reason: ", "we know\n"}, {question, "q\n"}},
			status: 1,
			there:  []string{"\t//lockfix:ignore flag we know\n\tflagme()\n\tprint(\"between"},
			report: []string{"silenced ./p/p.go:4:2: call of flagme [flag]: ignore flag: we know", "1 under lockfix:ignore"},
			asks:   3,
		},
		{
			claim:  "of two of a kind the one that was meant is silenced",
			steps:  []step{{question, "n\n"}, {question, "n\n"}, {question, "n\n"}, {question, "n\n"}, {question, "s\n"}, {"reason: ", "we know\n"}, {question, "q\n"}},
			status: 1,
			there:  []string{"\tflagnofix()\n\tflagme()\n\tprint(\"two of a kind\")\n\t//lockfix:ignore flag we know\n\tflagme()\n}"},
			asks:   6,
		},
		{
			claim:  "line endings are kept",
			args:   []string{"./q"},
			steps:  []step{{question, "s\n"}, {"reason: ", "we know\n"}},
			status: 0,
			file:   "q/crlf.go",
			there:  []string{"func f() {\r\n\t//lockfix:ignore flag we know\r\n\tflagme()\r\n}"},
			asks:   1,
		},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			t.Parallel()
			dir := module(t, asked)
			term := start(t, dir, append([]string{"-i", "--color=never"}, tt.args...)...)
			for _, s := range tt.steps {
				term.expect(s.wait)
				term.send(s.send)
			}
			if status := term.wait(); status != tt.status {
				t.Errorf("status %d, want %d", status, tt.status)
			}
			shown := term.shown()
			for _, text := range tt.report {
				if !strings.Contains(shown, text) {
					t.Errorf("no %q", text)
				}
			}
			if n := strings.Count(shown, question); n != tt.asks {
				t.Errorf("%d questions, want %d", n, tt.asks)
			}
			name := tt.file
			if name == "" {
				name = "p/p.go"
			}
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range tt.there {
				if !strings.Contains(string(text), part) {
					t.Errorf("%q is not in the file", part)
				}
			}
			for _, part := range tt.gone {
				if strings.Contains(string(text), part) {
					t.Errorf("%q is in the file", part)
				}
			}
			if t.Failed() {
				t.Logf("on the terminal:\n%s\nin the file:\n%s", shown, text)
			}
		})
	}
}

// TestInteractiveNeedsATerminal holds that -i without a terminal says so, and what
// to do, and writes nothing.
func TestInteractiveNeedsATerminal(t *testing.T) {
	dir := module(t, asked)
	cmd := command(t, dir, "-i")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.CombinedOutput()
	if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() != statusFailed {
		t.Errorf("%v", err)
	}
	if want := "lockfix: -i asks on a terminal, and there is none: -w applies the safe fixes without asking, -d shows them\n"; string(out) != want {
		t.Errorf("got %q, want %q", out, want)
	}
	for name, text := range asked {
		if now, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(now) != text {
			t.Errorf("%s changed: %v", name, err)
		}
	}
}

func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o777), os.WriteFile(file, []byte(files[name]), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// command is lockfix with the fake analysis.
func command(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	lockfix := filepath.Join(t.TempDir(), "lockfix")
	if err := os.Symlink(exe, lockfix); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(lockfix, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", store.Variable+"="+t.TempDir())
	return cmd
}

// A terminal is a pseudo-terminal with a program on it.
type terminal struct {
	t    *testing.T
	cmd  *exec.Cmd
	ptmx *os.File
	done chan struct{} // closed when all was read

	mu   sync.Mutex
	text bytes.Buffer
	seen int // up to where it was waited for
}

// start runs lockfix on a pseudo-terminal of its own.
func start(t *testing.T, dir string, args ...string) *terminal {
	t.Helper()
	ptmx, tty, err := openPTY()
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	term := &terminal{t: t, cmd: command(t, dir, args...), ptmx: ptmx, done: make(chan struct{})}
	term.cmd.Stdin, term.cmd.Stdout, term.cmd.Stderr = tty, tty, tty
	term.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := term.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ptmx.Close() })
	go func() {
		defer close(term.done)
		io.Copy(term, ptmx) // ends with an error when the program has ended
	}()
	return term
}

func openPTY() (ptmx, tty *os.File, err error) {
	if ptmx, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		return nil, nil, err
	}
	number, err := unix.IoctlGetInt(int(ptmx.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(ptmx.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		ptmx.Close()
	}
	return ptmx, tty, err
}

func (x *terminal) Write(text []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.text.Write(text)
}

// expect waits for a text on the screen, behind what was waited for before.
func (x *terminal) expect(text string) {
	x.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		x.mu.Lock()
		rest := x.text.Bytes()[x.seen:]
		i := bytes.Index(rest, []byte(text))
		if i >= 0 {
			x.seen += i + len(text)
		}
		x.mu.Unlock()
		if i >= 0 {
			return
		}
		ended := false
		select {
		case <-x.done:
			ended = true
		default:
		}
		if ended || time.Now().After(end) {
			x.cmd.Process.Kill()
			x.t.Fatalf("%q did not come; there is\n%s", text, x.shown())
		}
	}
}

func (x *terminal) send(text string) {
	x.t.Helper()
	if _, err := io.WriteString(x.ptmx, text); err != nil {
		x.t.Fatal(err)
	}
}

// wait waits for the end of the program and returns its status.
func (x *terminal) wait() int {
	x.t.Helper()
	timer := time.AfterFunc(time.Minute, func() { x.cmd.Process.Kill() })
	defer timer.Stop()
	x.cmd.Wait()
	<-x.done
	return x.cmd.ProcessState.ExitCode()
}

func (x *terminal) shown() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.text.String()
}
