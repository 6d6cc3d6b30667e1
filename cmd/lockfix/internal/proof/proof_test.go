package proof

import (
	"go/token"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

const source = "package p\n\nfunc (s *S) Stop() {\n\ts.mu.Lock()\n\t<-s.done\n}\n\nfunc (s *S) run() {\n\tdefer close(s.done) // 終わり\n\ts.mu.Lock()\n}\n"

func at(line int) token.Position { return token.Position{Filename: "/w/p.go", Line: line, Column: 2} }

func finding() *rule.Finding {
	return &rule.Finding{
		Rule: "blockheld", Level: hazard.Deadlock, Message: "receive from s.done blocks while s.mu is held", Function: "(*S).Stop",
		Pos: at(5), Acquired: at(4), Resource: "s.mu",
		Notes: []rule.Note{
			{Pos: at(9), Text: "the other side closes it in (*S).run", Other: true},
			{Pos: at(10), Text: "only after s.mu is acquired", Other: true},
			{Pos: at(5), Text: "unless it is closed before"},
		},
	}
}

func write(width int, f *rule.Finding) string {
	return Writer{Dir: "/w", Width: width, Source: func(string) []byte { return []byte(source) }}.Write(f)
}

func TestBothSidesSideBySide(t *testing.T) {
	f := finding()
	f.Fix = &rule.Fix{Title: "release s.mu, then receive", Obligations: []fix.Obligation{
		{Name: "once", Reason: "it runs where the old place was passed"}, {Name: "not-needed", Status: fix.Assumed, Reason: "nobody relies on it"}}}
	want := `error[blockheld]: receive from s.done blocks while s.mu is held
./p.go:5:2 in (*S).Stop

one goroutine holds s.mu              | another one waits
------------------------              | -----------------
./p.go:4:2                            | ./p.go:9:2
  4 | s.mu.Lock()                     |   9 | defer close(s.done) // 終わり
  s.mu is held from here              |   closes it in (*S).run
./p.go:5:2                            | ./p.go:10:2
  5 | <-s.done                        |   10 | s.mu.Lock()
  receive from s.done blocks          |   only after s.mu is acquired

note: unless it is closed before
wait chain: s.mu is held -> receive from s.done blocks -> closes it in
  (*S).run -> only after s.mu is acquired -> s.mu is held

fix (unsafe): release s.mu, then receive
  assumed  not-needed  nobody relies on it
  proved   once        it runs where the old place was passed
`
	if got := write(77, f); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestOneUnderTheOtherWhereItIsNarrow(t *testing.T) {
	f := finding()
	f.Refusals = []rule.Note{{Pos: at(4), Text: "region: a return stands in between"}}
	want := `error[blockheld]: receive from s.done blocks
while s.mu is held
./p.go:5:2 in (*S).Stop

one goroutine holds s.mu
------------------------
./p.go:4:2
  4 | s.mu.Lock()
  s.mu is held from here
./p.go:5:2
  5 | <-s.done
  receive from s.done blocks

another one waits
-----------------
./p.go:9:2
  9 | defer close(s.done) // 終わり
  closes it in (*S).run
./p.go:10:2
  10 | s.mu.Lock()
  only after s.mu is acquired

note: unless it is closed before
wait chain: s.mu is held -> receive from
  s.done blocks -> closes it in (*S).run -> only
  after s.mu is acquired -> s.mu is held

no fix:
  ./p.go:4:2: region: a return stands in
    between
`
	if got := write(48, f); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// However narrow it is, and however wide the letters are, nothing is lost and no line
// is longer than the terminal.
func TestNoLineIsLongerThanTheTerminal(t *testing.T) {
	f := finding()
	f.Message = "受信 " + strings.Repeat("漢字", 30) + " e\u0301te\u0301 while s.mu is held"
	f.Refusals = []rule.Note{{Text: strings.Repeat("a_very_long_name_", 9)}}
	for width := 8; width <= 160; width += 4 {
		got := write(width, f)
		for line := range strings.Lines(got) {
			if n := columns(strings.TrimSuffix(line, "\n")); n > max(width, 12) {
				t.Errorf("width %d: %d columns: %s", width, n, line)
			}
		}
		if n := strings.Count(strings.NewReplacer("\n", "", " ", "").Replace(got), "漢字"); width < minSide && n < 60 {
			t.Errorf("width %d: %d of 60 left in\n%s", width, n, got)
		}
	}
}

func TestHowAHolderComesToHoldIt(t *testing.T) {
	f := &rule.Finding{Rule: "wakeheld", Level: hazard.Hazard, Message: "call of s.cb runs foreign code while s.mu is held by the caller", Pos: at(5), Resource: "s.mu",
		Notes: []rule.Note{{Text: "its name ends in Locked"}, {Pos: at(4), Text: "called by (*S).Stop, which holds it"}, {Pos: at(9), Text: "calls back"}}}
	got := write(60, f)
	order := []string{"its name ends in Locked", "called by (*S).Stop", "call of s.cb runs foreign code\n", "calls back"}
	rest := got[strings.Index(got, "---"):]
	for _, text := range order {
		i := strings.Index(rest, text)
		if i < 0 {
			t.Fatalf("%q is not in its place in\n%s", text, got)
		}
		rest = rest[i:]
	}
	if strings.Contains(got, "another one waits") || strings.Contains(got, "wait chain") {
		t.Errorf("there is no other side in\n%s", got)
	}
}
