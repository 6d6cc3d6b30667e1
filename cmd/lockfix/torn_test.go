//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
)

// gateFile is a file with a safe fix of its own; K numbers it.
const gateFile = `package p

import "sync"

type gateK struct {
	mu      sync.Mutex
	waiters []*ticketK
}

type ticketK struct {
	gate  *gateK
	ready chan struct{}
}

func (g *gateK) enter() *ticketK {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := &ticketK{gate: g, ready: make(chan struct{})}
	g.waiters = append(g.waiters, t)
	return t
}

func (g *gateK) open() {
	g.mu.Lock()
	for _, t := range g.waiters {
		t.ready <- struct{}{}
	}
	g.waiters = nil
	g.mu.Unlock()
}

func (t *ticketK) wait() { <-t.ready }
`

// A fix of the first of these files changes the second one too.
const (
	semFile = `package p

import "sync"

type semK struct {
	mu      sync.Mutex
	n       int
	waiters []chan struct{}
}

func (s *semK) acquire() {
	ch := make(chan struct{})
	s.mu.Lock()
	s.waiters = append(s.waiters, ch)
	s.mu.Unlock()
	<-ch
}

func (s *semK) notifyLocked() {
	for _, w := range s.waiters {
		w <- struct{}{}
	}
	s.waiters = nil
}
`
	resetFile = `package p

func (s *semK) reset() {
	s.mu.Lock()
	s.n = 0
	s.notifyLocked()
	s.mu.Unlock()
}
`
)

// perPackage is how many files a package of the module has, one pair included
// that a fix ties.
const perPackage = 10

// manyFiles returns the files of a module, all of which -w changes.
func manyFiles(n int) map[string]string {
	files := make(map[string]string)
	for i := range n {
		name, text := "f%d.go", gateFile
		switch i % perPackage {
		case 3:
			// The caller goes first by name, and must be written last.
			name, text = "a%d.go", resetFile
		case 4:
			name, text = "z%d.go", semFile
		}
		k := i
		if i%perPackage == 4 {
			k-- // the number of its pair
		}
		name = filepath.Join(fmt.Sprintf("p%03d", i/perPackage), fmt.Sprintf(name, k))
		files[name] = strings.ReplaceAll(strings.ReplaceAll(text, "gateK", fmt.Sprint("gate", k)), "ticketK", fmt.Sprint("ticket", k))
		files[name] = strings.ReplaceAll(files[name], "semK", fmt.Sprint("sem", k))
	}
	return files
}

// A torn is a module that runs are killed in.
type torn struct {
	*testing.T
	exe, dir string
	old, new map[string]string
	first    string // file that is written first
}

// TestKilledRunsTearNothing kills lockfix -w at random moments of its writing.
// Each file must be old or new then, the module must build, and the next run
// must do the rest and leave nothing behind. LOCKFIX_KILLS=N kills N runs over
// 500 files (make torn).
func TestKilledRunsTearNothing(t *testing.T) {
	kills, size := 3, 60
	if n, err := strconv.Atoi(os.Getenv("LOCKFIX_KILLS")); err == nil {
		kills, size = n, 500
	} else if testing.Short() {
		t.Skip("kills runs, each of which takes a second")
	}
	t.Setenv(store.Variable, t.TempDir())
	x := &torn{T: t, dir: t.TempDir(), exe: filepath.Join(t.TempDir(), "lockfix"), old: manyFiles(size)}
	if out, err := exec.Command("go", "build", "-o", x.exe, ".").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(x.dir, "go.mod"), []byte("module example.com/m\n\ngo 1.26\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	x.write(x.old)
	took := x.reference()
	within, tied := 0, 0
	for i := range kills {
		x.write(x.old)
		x.kill(time.Duration(rand.Int64N(int64(took))))
		changed, half := x.look()
		if changed > 0 && changed < len(x.new) {
			within++
		}
		if half {
			tied++
		}
		x.build()
		x.complete()
		if testing.Verbose() {
			t.Logf("kill %d: %d of %d files new", i+1, changed, len(x.new))
		}
	}
	t.Logf("%d runs killed, %d of them while they wrote (which takes %v for %d files), %d between two files that a fix ties", kills, within, took.Round(time.Millisecond), size, tied)
	if kills > 50 && within < kills/2 {
		t.Errorf("only %d of %d kills fell into the writing", within, kills)
	}
}

// write sets the files back.
func (x *torn) write(files map[string]string) {
	x.Helper()
	for name, text := range files {
		name = filepath.Join(x.dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, []byte(text), 0o644)); err != nil {
			x.Fatal(err)
		}
	}
}

// start runs lockfix -w and returns when the first file has changed.
func (x *torn) start() *exec.Cmd {
	x.Helper()
	first := filepath.Join(x.dir, x.first)
	before, err := os.Stat(first)
	if err != nil {
		x.Fatal(err)
	}
	cmd := exec.Command(x.exe, "-w", "-q", "./...")
	cmd.Dir = x.dir
	if err := cmd.Start(); err != nil {
		x.Fatal(err)
	}
	for end := time.Now().Add(2 * time.Minute); ; {
		if now, err := os.Stat(first); err == nil && !os.SameFile(before, now) {
			return cmd
		}
		if time.Now().After(end) {
			x.Fatal("nothing was written in two minutes")
		}
		time.Sleep(100 * time.Microsecond)
	}
}

// reference lets a run finish: what it wrote is what files become, and it took so
// long to write it.
func (x *torn) reference() time.Duration {
	x.Helper()
	x.first = filepath.Join("p000", "f0.go")
	cmd := x.start()
	begin := time.Now()
	if err := cmd.Wait(); err != nil {
		x.Fatalf("lockfix -w: %v", err)
	}
	var took time.Duration // to the last file, whose new text is as old as it is new
	x.new = x.read()
	for name, text := range x.old {
		if x.new[name] == text {
			x.Errorf("%s was not changed", name)
		}
		info, err := os.Stat(filepath.Join(x.dir, name))
		if err != nil {
			x.Fatal(err)
		}
		took = max(took, info.ModTime().Sub(begin))
	}
	x.build()
	return took
}

func (x *torn) kill(after time.Duration) {
	x.Helper()
	cmd := x.start()
	time.Sleep(after)
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
		x.Fatal(err)
	}
	_ = cmd.Wait()
}

// read returns the Go files of the module that the go command looks at.
func (x *torn) read() map[string]string {
	x.Helper()
	files := make(map[string]string)
	err := fs.WalkDir(os.DirFS(x.dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") {
			return err
		}
		text, err := os.ReadFile(filepath.Join(x.dir, name))
		files[filepath.FromSlash(name)] = string(text)
		return err
	})
	if err != nil {
		x.Fatal(err)
	}
	return files
}

// look holds that each file is old or new. It counts the new ones, and says
// whether a pair is halfway.
func (x *torn) look() (changed int, half bool) {
	x.Helper()
	files := x.read()
	for name, text := range files {
		switch text {
		case x.new[name]:
			changed++
		case x.old[name]:
		default:
			x.Errorf("%s is torn: %q", name, text)
		}
	}
	if len(files) != len(x.old) {
		x.Errorf("%d Go files, want %d", len(files), len(x.old))
	}
	for name := range files {
		dir, file := filepath.Split(name)
		if k, ok := strings.CutPrefix(file, "a"); ok && (files[name] == x.new[name]) != (files[dir+"z"+k] == x.new[dir+"z"+k]) {
			half = true
		}
	}
	return changed, half
}

func (x *torn) build() {
	x.Helper()
	cmd := exec.Command("go", "build", "./...")
	cmd.Dir = x.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		x.Errorf("go build: %v\n%s", err, out)
	}
}

// complete holds that another run does the rest.
func (x *torn) complete() {
	x.Helper()
	cmd := exec.Command(x.exe, "-w", "-q", "./...")
	cmd.Dir = x.dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		x.Errorf("the next run: %v\n%s", err, out.Bytes())
	}
	for name, text := range x.read() {
		if text != x.new[name] {
			x.Errorf("after the next run %s is not as it should be", name)
		}
	}
	err := filepath.WalkDir(x.dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasPrefix(d.Name(), ".") && name != x.dir {
			x.Errorf("%s was left behind", name)
		}
		return err
	})
	if err != nil {
		x.Fatal(err)
	}
}
