// Package batch builds the two variants of many programs into one binary and runs
// schedules of them.
//
// Building dominates, and one program or some hundreds cost nearly the same: the
// variants are two packages of one module, a file a program. The binary is a test,
// as bubbles need one. It serves requests on its standard input until that ends;
// when it dies or hangs the program that it ran is to blame, and it is started
// again for the next.
package batch

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/lockfix/lockfix/cmd/differ/internal/compare"
	"github.com/lockfix/lockfix/cmd/differ/internal/simulate"
)

// A Variant is one of the two packages.
type Variant string

// The variants.
const (
	Original  Variant = "original"
	Rewritten Variant = "rewritten"
)

// Module is the path of the module of a batch, Shim that of package simulate in it.
const (
	Module = "batch"
	Shim   = Module + "/simulate"
)

// A Program is one pair, instrumented. Its files declare func runID().
type Program struct {
	ID    int
	Files map[Variant][]byte
}

// A Batch is a binary that was built.
type Batch struct {
	dir   string
	child *child
}

// Build builds a batch in a directory, which must be empty.
func Build(dir string, programs []Program) (*Batch, error) {
	files := map[string][]byte{
		"go.mod":                    []byte("module " + Module + "\n\ngo 1.26\n"),
		"serve_test.go":             []byte(serve),
		string(Original) + "/p.go":  table(Original, programs),
		string(Rewritten) + "/p.go": table(Rewritten, programs),
	}
	for _, p := range programs {
		for v, text := range p.Files {
			files[fmt.Sprintf("%s/p%d.go", v, p.ID)] = text
		}
	}
	entries, err := fs.ReadDir(simulate.Source, ".")
	if err != nil {
		return nil, fmt.Errorf("read package simulate: %w", err)
	}
	for _, e := range entries {
		if files["simulate/"+e.Name()], err = simulate.Source.ReadFile(e.Name()); err != nil {
			return nil, fmt.Errorf("read package simulate: %w", err)
		}
	}
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return nil, fmt.Errorf("write the batch: %w", err)
		}
		if err := os.WriteFile(name, text, 0o644); err != nil {
			return nil, fmt.Errorf("write the batch: %w", err)
		}
	}
	cmd := exec.Command("go", "test", "-race", "-c", "-trimpath", "-vet=off", "-o", "serve", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1", "GOWORK=off", "GOFLAGS=-mod=mod")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the batch: %w\n%s", err, out)
	}
	return &Batch{dir: dir}, nil
}

// table lists the programs of a variant, with what they record by.
func table(v Variant, programs []Program) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "package %s\n\nimport %q\n\nfunc record(label string, v int) { simulate.Record(label, v) }\n\nfunc daemon() { simulate.Daemon() }\n\nvar Programs = map[int]func(){\n", v, Shim)
	for _, p := range programs {
		fmt.Fprintf(&b, "\t%d: run%d,\n", p.ID, p.ID)
	}
	b.WriteString("}\n")
	return b.Bytes()
}

// A Request asks for schedules of a program.
type Request struct {
	Program  int
	Variant  Variant
	From, To uint64 // seeds
}

// A CrashError says that the binary died or hung.
type CrashError struct{ Output string }

func (e *CrashError) Error() string { return "the batch died: " + e.Output }

// timeout is how long n schedules may take: some hundred times what they do.
func timeout(n uint64) time.Duration { return 20*time.Second + time.Duration(n)*20*time.Millisecond }

// Run runs schedules of a program.
func (b *Batch) Run(r Request) ([]compare.Seen, error) {
	if b.child == nil {
		c, err := start(b.dir)
		if err != nil {
			return nil, err
		}
		b.child = c
	}
	line, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("ask the batch: %w", err)
	}
	answer := make(chan []byte, 1)
	c := b.child
	go func() {
		if _, err := c.in.Write(append(line, '\n')); err == nil && c.out.Scan() {
			answer <- c.out.Bytes()
		}
		close(answer)
	}()
	var text []byte
	select {
	case text = <-answer:
	case <-time.After(timeout(r.To - r.From)):
	}
	if text == nil {
		output := c.stop()
		b.child = nil
		return nil, &CrashError{output}
	}
	var seen []compare.Seen
	if err := json.Unmarshal(text, &seen); err != nil {
		return nil, fmt.Errorf("read the answer of the batch: %w", err)
	}
	return seen, nil
}

// Close ends the binary.
func (b *Batch) Close() {
	if b.child != nil {
		b.child.stop()
		b.child = nil
	}
}

// A child is the running binary.
type child struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Scanner
	pipe   *os.File
	output *bytes.Buffer
}

func start(dir string) (*child, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start the batch: %w", err)
	}
	defer write.Close()
	c := &child{cmd: exec.Command(filepath.Join(dir, "serve"), "-test.timeout=0"), pipe: read, output: &bytes.Buffer{}}
	c.cmd.Dir = dir
	c.cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "GOTRACEBACK=all",
		"GORACE=atexit_sleep_ms=0 suppress_equal_stacks=0 suppress_equal_addresses=0 log_path="+filepath.Join(dir, "race"))
	c.cmd.ExtraFiles = []*os.File{write}
	c.cmd.Stdout, c.cmd.Stderr = c.output, c.output
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start the batch: %w", err)
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the batch: %w", err)
	}
	c.out = bufio.NewScanner(read)
	c.out.Buffer(nil, 64<<20)
	return c, nil
}

// stop ends the child and returns the end of what it said.
func (c *child) stop() string {
	c.in.Close()
	timer := time.AfterFunc(2*time.Second, func() { c.cmd.Process.Kill() })
	_ = c.cmd.Wait() // how it ended says nothing: a race makes a test fail
	timer.Stop()
	c.pipe.Close()
	out := c.output.Bytes()
	return string(out[:min(len(out), 4000)])
}
