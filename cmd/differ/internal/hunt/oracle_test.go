package hunt

import (
	"fmt"
	"go/format"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/cmd/differ/internal/batch"
	"github.com/lockfix/lockfix/cmd/differ/internal/compare"
	"github.com/lockfix/lockfix/cmd/differ/internal/generate"
	"github.com/lockfix/lockfix/cmd/differ/internal/mend"
)

// wrongs are rewritings that no one should get, and right ones beside them.
var wrongs = []struct {
	claim  string
	common string // fields and methods of box
	before string // the body of (*box).wake
	after  string
	run    string // the peers and scripts
	want   compare.Kind
}{
	{
		"the same program is the same", fieldsOne,
		"s.mu.Lock()\ns.n++\ns.ch <- s.n\ns.mu.Unlock()",
		"s.mu.Lock()\ns.n++\ns.ch <- s.n\ns.mu.Unlock()",
		runOne, "",
	},
	{
		"a wake that leaves its section loses the deadlock and gains nothing", fieldsOne,
		"s.mu.Lock()\ns.n++\ns.ch <- 1\ns.mu.Unlock()",
		"s.mu.Lock()\ns.n++\ns.mu.Unlock()\ns.ch <- 1",
		"go func() {\ndaemon()\ns.get()\nrecord(\"w\", <-s.ch)\nrecord(\"w\", s.get())\n}()\ns.wake()\nrecord(\"g\", s.get())", "",
	},
	{
		"what the lock guards is read after it", fieldsOne,
		"s.mu.Lock()\ns.n++\ns.ch <- s.n\ns.mu.Unlock()",
		"s.mu.Lock()\ns.n++\ns.mu.Unlock()\ns.ch <- s.n",
		runOne, compare.Race,
	},
	{
		"a wake is doubled", fieldsOne,
		"s.mu.Lock()\ns.ch <- 1\ns.mu.Unlock()",
		"s.mu.Lock()\ns.mu.Unlock()\nfor range 2 {\ns.ch <- 1\n}",
		runOne, compare.Result,
	},
	{
		"a wake is lost", fieldsOne,
		"s.mu.Lock()\ns.n++\nif s.n > 1 {\ns.ch <- 1\n}\ns.mu.Unlock()",
		"s.mu.Lock()\ns.n++\nif s.n > 1 {\ns.mu.Unlock()\nreturn\n}\ns.mu.Unlock()",
		runOne, compare.Result,
	},
	{
		"a channel is closed before the send", fieldsOne + "\nfunc (s *box) stop() {\ns.mu.Lock()\ndefer s.mu.Unlock()\ns.closed = true\nclose(s.ch)\n}",
		"s.mu.Lock()\nif !s.closed {\ns.ch <- 1\n}\ns.mu.Unlock()",
		"s.mu.Lock()\nok := !s.closed\ns.mu.Unlock()\nif ok {\ns.ch <- 1\n}",
		"go s.stop()\n" + runOne, compare.Panic,
	},
	{
		"a lock is released twice", fieldsOne,
		"s.mu.Lock()\ndefer s.mu.Unlock()\ns.n++",
		"s.mu.Lock()\ndefer s.mu.Unlock()\ns.n++\ns.mu.Unlock()",
		runOne, compare.Fatal,
	},
	{
		"a path keeps the lock", fieldsOne,
		"s.mu.Lock()\ns.n++\nif s.n > 1 {\ns.mu.Unlock()\nreturn\n}\ns.mu.Unlock()",
		"s.mu.Lock()\ns.n++\nif s.n > 1 {\nreturn\n}\ns.mu.Unlock()",
		runOne, compare.Deadlock,
	},
	{
		"two senders overtake each other", fieldsOne,
		"s.mu.Lock()\ns.n++\ns.ch <- s.n\ns.mu.Unlock()",
		"s.mu.Lock()\ns.n++\nx := s.n\ns.mu.Unlock()\ns.ch <- x",
		runOne, compare.Result,
	},
	{
		"a panic on the way no longer wakes", fieldsOne,
		"defer func() { recover() }()\ndefer func() { s.ch <- 1 }()\nvar p *int\n*p = 1",
		"defer func() { recover() }()\nvar p *int\n*p = 1\ns.ch <- 1",
		runOne, compare.Result,
	},
	{
		"a state is published behind the wake", fieldsOne,
		"s.mu.Lock()\ns.n = 5\ns.mu.Unlock()\ns.ch <- 1",
		"s.ch <- 1\ns.mu.Lock()\ns.n = 5\ns.mu.Unlock()",
		"go func() {\ndaemon()\nfor range s.ch {\nrecord(\"w\", s.get())\n}\n}()\ns.wake()", compare.Result,
	},
	{
		"a program goes round in a circle", fieldsOne,
		"s.mu.Lock()\ns.n++\ns.mu.Unlock()",
		"for s.get() >= 0 {\n}",
		"s.wake()", compare.Endless,
	},
	{
		"a section is taken apart", fieldsOne,
		"s.mu.Lock()\nx := s.n\ns.n = x + 1\ns.mu.Unlock()",
		"s.mu.Lock()\nx := s.n\ns.mu.Unlock()\ns.mu.Lock()\ns.n = x + 1\ns.mu.Unlock()",
		runOne, compare.Result,
	},
}

const fieldsOne = `type box struct {
	mu     sync.Mutex
	n      int
	closed bool
	ch     chan int
}

func (s *box) get() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
}
`

const runOne = `go func() {
	daemon()
	for x := range s.ch {
		record("w", x)
	}
}()
var wg sync.WaitGroup
for range 2 {
	wg.Add(1)
	go func() {
		defer wg.Done()
		s.wake()
	}()
}
wg.Wait()
record("end", s.get())`

// TestTheOracleCanFail holds that each way to be wrong is seen.
func TestTheOracleCanFail(t *testing.T) {
	var programs []batch.Program
	m := mend.New(false)
	for i, tt := range wrongs {
		variant := func(body string) string {
			text := "package p\n\nimport \"sync\"\n\n" + tt.common + "\nfunc (s *box) wake() {\n" + body + "\n}\n\nfunc run() {\ns := &box{ch: make(chan int)}\n" + tt.run + "\n}\n"
			text = strings.NewReplacer("box", fmt.Sprintf("box%d", i), "func run()", fmt.Sprintf("func run%d()", i)).Replace(text)
			out, err := format.Source([]byte(text))
			if err != nil {
				t.Fatalf("%s: %v", tt.claim, err)
			}
			return string(out)
		}
		pair, err := check(m, i, variant(tt.before), variant(tt.after))
		if err != nil {
			t.Fatalf("%s: %v", tt.claim, err)
		}
		programs = append(programs, pair)
	}
	b, err := batch.Build(t.TempDir(), programs)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for i, tt := range wrongs {
		tally := &Tally{}
		if err := tally.judge(b, &Case{Program: generate.Program{ID: i}}, Options{Schedules: 20, Stages: 4}); err != nil {
			t.Fatal(err)
		}
		var got compare.Kind
		if len(tally.Findings) > 0 {
			got = tally.Findings[0].Kind
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q: %+v", tt.claim, got, tt.want, tally)
		}
	}
}

// check makes a pair of two texts.
func check(m *mend.Mender, id int, before, after string) (batch.Program, error) {
	out := &mend.Mended{}
	var err error
	if out.Before, err = m.Check("p", map[string]string{"x.go": before, "record.go": generate.Support}); err != nil {
		return batch.Program{}, err
	}
	if out.After, err = m.Check("p", map[string]string{"x.go": after, "record.go": generate.Support}); err != nil {
		return batch.Program{}, err
	}
	return Pair(id, out)
}
