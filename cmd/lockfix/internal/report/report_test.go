package report

import (
	"encoding/json"
	"go/token"
	"strings"
	"testing"
	"time"

	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

const sample = "package p\r\n\r\nfunc f() {\r\n\tb.mu.Lock()\t// held\r\n\tfor {\r\n\t\tä.ch <- struct{}{\r\n\t\t}\r\n\t}\r\n}\r\n"

// at returns the position of the n-th byte of a piece of the sample.
func at(file, piece string, n int) token.Position {
	offset := strings.Index(sample, piece) + n
	head := sample[:offset]
	return token.Position{Filename: file, Offset: offset, Line: 1 + strings.Count(head, "\n"), Column: offset - strings.LastIndexByte(head, '\n')}
}

func TestPrettyQuotes(t *testing.T) {
	for _, test := range []struct {
		name    string
		finding rule.Finding
		want    string
	}{
		{"a line of wide letters and tabs, an end on another line", rule.Finding{
			Pos: at("/w/p.go", "ä.ch", 0), End: at("/w/p.go", "}\r\n\t}", 1),
		}, `
warning[x]: m
 --> ./p.go:6:3
  |
6 |        ä.ch <- struct{}{
  |        ^^^^^^^^^^^^^^^^^
  |
`},
		{"the acquisition before the finding", rule.Finding{
			Pos: at("/w/p.go", "ä.ch", 0), End: at("/w/p.go", "ä.ch", 5), Resource: "b.mu", Acquired: at("/w/p.go", "b.mu", 0),
		}, `
warning[x]: m
 --> ./p.go:6:3
  |
4 |    b.mu.Lock() // held
  |    ----------- b.mu is held from here
. |
6 |        ä.ch <- struct{}{
  |        ^^^^
  |
`},
		{"the acquisition after the finding", rule.Finding{
			Pos: at("/w/p.go", "b.mu", 0), End: at("/w/p.go", "b.mu", 4), Resource: "ä", Acquired: at("/w/p.go", "for {", 0),
			Notes: []rule.Note{{Pos: at("/w/p.go", "b.mu", 0), Text: "label"}, {Pos: at("/w/p.go", "b.mu", 0), Text: "second"}},
		}, `
warning[x]: m
 --> ./p.go:4:2
  |
4 |    b.mu.Lock() // held
  |    ^^^^ label
5 |    for {
  |    ----- ä is held from here
  |
  = ./p.go:4:2  second
`},
		{"the acquisition in the same line", rule.Finding{
			Pos: at("/w/p.go", "// held", 0), End: at("/w/p.go", "// held", 7), Resource: "b.mu", Acquired: at("/w/p.go", "b.mu", 0),
		}, `
warning[x]: m
 --> ./p.go:4:14
  |
4 |    b.mu.Lock() // held
  |    ----------- b.mu is held from here
  |                ^^^^^^^
  |
`},
		{"the acquisition in another file", rule.Finding{
			Pos: at("/w/p.go", "for", 0), End: at("/w/p.go", "for", 3), Resource: "b.mu", Acquired: at("/w/sub/q.go", "b.mu", 0),
		}, `
warning[x]: m
 --> ./p.go:5:2
  |
5 |    for {
  |    ^^^
  |
  = ./sub/q.go:4:2  b.mu is held from here
`},
		{"a file that is not known", rule.Finding{
			Pos: at("/v/q.go", "for", 0), Notes: []rule.Note{{Pos: at("/v/q.go", "for", 0), Text: "label"}},
		}, `
warning[x]: m
--> ../v/q.go:5:2
 = ../v/q.go:5:2  label
`},
		{"obligations", rule.Finding{
			Pos: at("/v/q.go", "for", 0), Fix: &rule.Fix{Title: "do it", Obligations: []fix.Obligation{
				{Name: "region"}, {Name: "once"}, {Name: "order", Status: fix.Assumed, Reason: "why"}, {Name: "stale", Status: fix.Assumed}}},
		}, `
warning[x]: m
--> ../v/q.go:5:2
 = fix (unsafe): do it
 =   proved: region once
 =   assumed: order: why
 =   assumed: stale
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := test.finding
			f.Rule, f.Message, f.Level = "x", "m", hazard.Hazard
			source := func(name string) []byte {
				if name != "/w/p.go" {
					return nil
				}
				return []byte(sample)
			}
			var b strings.Builder
			Write(&b, "pretty", Input{Dir: "/w", Findings: []*rule.Finding{&f}, Source: source})
			if got, want := b.String(), strings.TrimPrefix(test.want, "\n")+"\n"; got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestColorsOnlyPaint(t *testing.T) {
	f := &rule.Finding{Rule: "x", Message: "m", Level: hazard.Deadlock, Pos: at("/w/p.go", "for", 0), End: at("/w/p.go", "for", 3)}
	in := Input{Dir: "/w", Findings: []*rule.Finding{f}, Source: func(string) []byte { return []byte(sample) }}
	var plain, painted strings.Builder
	Write(&plain, "pretty", in)
	in.Color = true
	Write(&painted, "pretty", in)
	stripped := painted.String()
	for _, code := range []string{bold, red, yellow, cyan, blue, "0"} {
		stripped = strings.ReplaceAll(stripped, "\x1b["+code+"m", "")
	}
	if painted.String() == stripped || stripped != plain.String() {
		t.Errorf("painted, stripped of colors\n%s\nplain\n%s", stripped, plain.String())
	}
}

func TestJSONHasListsWhereNothingIs(t *testing.T) {
	var b strings.Builder
	Write(&b, "json", Input{})
	var doc map[string]any
	if err := json.Unmarshal([]byte(b.String()), &doc); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"findings", "errors"} {
		if list, ok := doc[key].([]any); !ok || len(list) != 0 {
			t.Errorf("%s is %v, want an empty list", key, doc[key])
		}
	}
	if doc["version"] != 1.0 {
		t.Errorf("version %v", doc["version"])
	}
}

func TestSummary(t *testing.T) {
	deadlock := &rule.Finding{Level: hazard.Deadlock}
	safe := &rule.Finding{Level: hazard.Hazard, Fix: &rule.Fix{Safe: true}}
	unsafe := &rule.Finding{Level: hazard.Hazard, Fix: &rule.Fix{}}
	for _, test := range []struct {
		tally Tally
		want  string
	}{
		{Tally{}, "0 findings in 0 packages  [0.0s]"},
		{Tally{Packages: 1, Took: 1234 * time.Millisecond}, "0 findings in 1 package  [1.2s]"},
		{Tally{Packages: 2, Findings: []*rule.Finding{deadlock, unsafe}}, "2 findings (1 error, 1 warning) in 2 packages: 0 safe fixes, 1 behind --unsafe-fixes, 1 without a fix  [0.0s]"},
		{Tally{Packages: 2, Findings: []*rule.Finding{safe}}, "1 finding (1 warning) in 2 packages: 1 safe fix, 0 behind --unsafe-fixes, 0 without a fix  [0.0s]"},
		{Tally{Packages: 2, Fixed: 3, Written: true}, "3 fixed, 0 findings in 2 packages  [0.0s]"},
		{Tally{Packages: 2, Fixed: 3}, "3 in the diff, 0 findings in 2 packages  [0.0s]"},
		{Tally{Packages: 2, Generated: 1, Ignored: 2, Off: 3, Problems: 1}, "0 findings in 2 packages; left alone: 1 in generated files, 2 under lockfix:ignore, 3 where the rule is off; 1 problem  [0.0s]"},
	} {
		if got := Summary(test.tally); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

func TestWhy(t *testing.T) {
	for _, test := range []struct {
		finding rule.Finding
		want    string
	}{
		{rule.Finding{}, "no fix"},
		{rule.Finding{Refusals: []rule.Note{{Text: "region: a goto"}}}, "no fix: region: a goto"},
		{rule.Finding{Fix: &rule.Fix{}}, "unsafe fix: see --unsafe-fixes"},
		{rule.Finding{Fix: &rule.Fix{Obligations: []fix.Obligation{{Name: "once"}, {Name: "order", Status: fix.Assumed}, {Name: "stale", Status: fix.Assumed}}}},
			"unsafe fix, assumes order, stale: see --unsafe-fixes"},
	} {
		if got := Why(&test.finding); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}
