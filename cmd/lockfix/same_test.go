package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rules"
)

// sameModule is a module without imports of others, so that a run without a cache is
// quick. Its findings have frames in packages below, and a lock order over all.
const sameModule = `
-- go.mod --
module example.com/m

go 1.24
-- lock/lock.go --
package lock

// A Mutex is a lock by its methods.
type Mutex struct{ c chan struct{} }

func (m *Mutex) Lock()   { m.c <- struct{}{} }
func (m *Mutex) Unlock() { <-m.c }
-- low/low.go --
package low

import "example.com/m/lock"

type Sink struct {
	Mu lock.Mutex
	ch chan int
}

func (s *Sink) Put(v int) {
	s.ch <- v
}

func (s *Sink) Locked(f func()) {
	s.Mu.Lock()
	f()
	s.Mu.Unlock()
}
-- low/low_test.go --
package low

func helper(s *Sink) { s.Put(1) }
-- mid/mid.go --
package mid

import "example.com/m/low"

func Forward(s *low.Sink, v int) {
	if v > 0 {
		s.Put(v)
	}
}

func With(s *low.Sink) { s.Locked(func() { Forward(s, 1) }) }
-- top/top.go --
package top

import (
	"example.com/m/lock"
	"example.com/m/low"
	"example.com/m/mid"
)

type Top struct {
	mu   lock.Mutex
	sink *low.Sink
	n    int
}

func (t *Top) Push(v int) {
	t.mu.Lock()
	t.n++
	mid.Forward(t.sink, v)
	t.mu.Unlock()
}

func (t *Top) Both() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sink.Mu.Lock()
	t.n++
	t.sink.Mu.Unlock()
}
-- top/top_test.go --
package top_test

import "example.com/m/top"

func use(t *top.Top) { t.Both() }
`

// A mutant is a module on disk that changes.
type mutant struct {
	*testing.T
	dir  string
	rnd  *rand.Rand
	then time.Time // of the next change, if it was long ago
}

func newMutant(t *testing.T, seed uint64) *mutant {
	t.Helper()
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOWORK", "off")
	m := &mutant{t, t.TempDir(), rand.New(rand.NewPCG(seed, seed)), time.Now().Add(-time.Hour)}
	for _, f := range txtar.Parse([]byte(sameModule)).Files {
		m.write(f.Name, string(f.Data))
	}
	return m
}

func (m *mutant) pick(list ...string) string { return list[m.rnd.IntN(len(list))] }

func (m *mutant) edit(name string, f func(string) string) {
	name = filepath.Join(m.dir, filepath.FromSlash(name))
	text, err := os.ReadFile(name)
	if err == nil {
		err = os.WriteFile(name, []byte(f(string(text))), 0o666)
	}
	if err != nil && !os.IsNotExist(err) {
		m.Fatal(err)
	}
}

func (m *mutant) write(name, text string) {
	name = filepath.Join(m.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		m.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		m.Fatal(err)
	}
}

// step changes something, as people and programs do, and says what.
func (m *mutant) step(i int) string {
	file := m.pick("low/low.go", "low/low_test.go", "mid/mid.go", "top/top.go", "top/top_test.go", "lock/lock.go")
	switch m.rnd.IntN(16) {
	case 0:
		m.edit(file, func(s string) string { return s + fmt.Sprintf("\n// Comment %d.\n", i) })
		return "a comment below in " + file
	case 1:
		m.edit(file, func(s string) string { return fmt.Sprintf("// Comment %d.\n\n", i) + s })
		return "a comment above in " + file
	case 2:
		m.edit(file, func(s string) string {
			return strings.Replace(s, ") {\n", fmt.Sprintf(") {\n\t// Comment %d.\n", i), 1)
		})
		return "a comment within " + file
	case 3:
		m.edit("low/low.go", func(s string) string {
			if strings.Contains(s, "\ts.ch <- v\n") {
				return strings.Replace(s, "\ts.ch <- v\n", "\t_ = v\n", 1)
			}
			return strings.Replace(s, "\t_ = v\n", "\ts.ch <- v\n", 1)
		})
		return "Put sends, or does not"
	case 4:
		m.edit(file, func(s string) string { return s + fmt.Sprintf("\nfunc Extra%d(c chan int) { c <- %d }\n", i, i) })
		return "another function in " + file
	case 5:
		name := m.pick("low/more.go", "mid/more.go", "top/more.go")
		m.write(name, fmt.Sprintf("package %s\n\nfunc more%d() {}\n", filepath.Dir(name), i))
		return "a file comes: " + name
	case 6:
		name := m.pick("low/more.go", "mid/more.go", "top/more.go", "low/low_test.go", "top/top_test.go")
		os.Remove(filepath.Join(m.dir, name))
		return "a file goes: " + name
	case 7:
		m.write(fmt.Sprintf(m.pick("new%d/new.go", "node_modules/deep/new%d/new.go"), i), "package new\n\nimport \"example.com/m/lock\"\nimport \"example.com/m/mid\"\n\nvar mu lock.Mutex\n\nvar _ = mid.With\n\nfunc Twice() { mu.Lock(); mu.Lock() }\n")
		return "a package comes"
	case 8:
		m.edit("mid/mid.go", func(s string) string {
			if strings.Contains(s, "example.com/m/lock") {
				return strings.Replace(s, "import _ \"example.com/m/lock\"\n", "", 1)
			}
			return strings.Replace(s, "\nimport", "\nimport _ \"example.com/m/lock\"\nimport", 1)
		})
		return "an import comes or goes"
	case 9:
		m.edit(file, func(s string) string {
			if rest, ok := strings.CutPrefix(s, "//go:build never\n\n"); ok {
				return rest
			}
			return "//go:build never\n\n" + s
		})
		return "a constraint comes or goes in " + file
	case 10:
		m.edit(file, func(s string) string {
			if rest, ok := strings.CutSuffix(s, "func broken( {\n"); ok {
				return rest
			}
			return s + "func broken( {\n"
		})
		return file + " breaks or is mended"
	case 11:
		m.edit("top/top.go", func(s string) string { return strings.Replace(s, "t.n++", "t.n += 1", 1) })
		return "top changes"
	case 12:
		m.edit("go.mod", func(s string) string {
			if strings.Contains(s, "1.24") {
				return strings.Replace(s, "1.24", "1.23", 1)
			}
			return strings.Replace(s, "1.23", "1.24", 1)
		})
		return "another language version"
	case 13:
		m.run("-w", "--unsafe-fixes", "./...")
		return "all is fixed"
	case 14:
		for _, f := range txtar.Parse([]byte(sameModule)).Files {
			if f.Name == file {
				m.write(file, string(f.Data))
			}
		}
		return file + " is as it was at first"
	default:
		return "nothing changes"
	}
}

// age makes what was changed a moment ago old: by its time alone it is told that it has
// changed, and the next time that it has not.
func (m *mutant) age() {
	err := filepath.WalkDir(m.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil || time.Since(info.ModTime()) > 30*time.Minute {
			return err
		}
		m.then = m.then.Add(time.Second)
		return os.Chtimes(name, m.then, m.then)
	})
	if err != nil {
		m.Fatal(err)
	}
}

// run runs lockfix with what it is given and returns all that it prints.
func (m *mutant) run(args ...string) string {
	var out bytes.Buffer
	p := program{rewrite.Default, rules.All(), &out, &out}
	status := p.run(append([]string{"-C", m.dir, "-q"}, args...))
	return fmt.Sprintf("%sstatus %d\n", &out, status)
}

// A run with a cache says, whatever was changed since the last one, what a run
// without says: findings, edits, frames and problems.
func TestTheCacheChangesNothing(t *testing.T) {
	steps := 40
	if testing.Short() {
		steps = 15
	}
	for _, seed := range []uint64{1, 2} {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Setenv(store.Variable, t.TempDir())
			m := newMutant(t, seed)
			if out := m.run("./..."); !strings.Contains(out, "[blockheld]") || !strings.Contains(out, "low/low.go") {
				t.Fatalf("the module has no finding with a frame in another package:\n%s", out)
			}
			var past []string
			for i := range steps {
				past = append(past, m.step(i))
				if m.rnd.IntN(3) > 0 {
					m.age()
				}
				args := [][]string{{"./..."}, {"--tests", "./..."}, {"./top"}, {"top/top.go"}, {"-d", "--unsafe-fixes", "./..."}}[m.rnd.IntN(5)]
				want := m.run(append([]string{"--no-cache"}, args...)...)
				for range 2 { // the second time nothing has changed
					if got := m.run(args...); got != want {
						t.Fatalf("%v after %s:\n%s\nwithout the cache:\n%s", args, strings.Join(past, "; "), got, want)
					}
				}
			}
		})
	}
}

// However many packages are analysed at a time, and whatever is in the cache: the
// report is the same.
func TestAllWaysSayTheSame(t *testing.T) {
	m := newMutant(t, 0)
	want := m.run("--no-cache", "-f", "json", "--tests", "./...")
	for _, args := range [][]string{{"-j", "1"}, {"-j", "8"}, {"--no-cache", "-j", "3"}} {
		t.Setenv(store.Variable, t.TempDir())
		for _, state := range []string{"cold", "warm"} {
			if got := m.run(append(args, "-f", "json", "--tests", "./...")...); got != want {
				t.Errorf("%v, %s:\n%s\nwant:\n%s", args, state, got, want)
			}
		}
	}
}
