package tool

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain plays lockfix when it is started as such: it prints what it is told.
func TestMain(m *testing.M) {
	if text, ok := os.LookupEnv("FAKE_STDOUT"); ok {
		fmt.Print(text)
		fmt.Fprint(os.Stderr, os.Getenv("FAKE_STDERR"))
		if os.Getenv("FAKE_SLEEP") != "" {
			time.Sleep(time.Minute)
		}
		if os.Getenv("FAKE_STATUS") == "2" {
			os.Exit(2)
		}
		os.Exit(len(os.Getenv("FAKE_STATUS")))
	}
	os.Exit(m.Run())
}

func fake(t *testing.T, dir string, timeout time.Duration, env ...string) Run {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r, err := Tool{Binary: self, Timeout: timeout, Env: env}.Run(Where{Tree: t.TempDir(), Dir: dir}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhatIsNoResultIsAFault(t *testing.T) {
	const empty = `{"version":1,"findings":[],"errors":[]}`
	tests := []struct {
		claim string
		env   []string
		fault string // empty: none
	}{
		{"a clean run", []string{"FAKE_STDOUT=" + empty}, ""},
		{"findings left", []string{"FAKE_STDOUT=" + empty, "FAKE_STATUS=1"}, ""},
		{"load errors are no fault", []string{"FAKE_STDOUT=" + `{"version":1,"errors":[{"package":"m/a","message":"internal error: package x without types was imported"}]}`, "FAKE_STATUS=2"}, ""},
		{"nothing printed", []string{"FAKE_STDOUT=", "FAKE_STATUS=2", "FAKE_STDERR=no packages"}, "exit status 2 without a report"},
		{"an unknown version", []string{"FAKE_STDOUT=" + `{"version":7}`}, "version 7"},
		{"a panic", []string{"FAKE_STDOUT=" + empty, "FAKE_STATUS=2", "FAKE_STDERR=panic: oh\n\ngoroutine 1"}, "panic: oh"},
		{"a fault in the report", []string{"FAKE_STDOUT=" + `{"version":1,"errors":[{"message":"fault of lockfix while analysing m/a: oh"}]}`, "FAKE_STATUS=2"}, "while analysing m/a"},
		{"an unknown status", []string{"FAKE_STDOUT=" + empty, "FAKE_STATUS=....."}, "exit status 5"},
	}
	for _, tt := range tests {
		t.Run(tt.claim, func(t *testing.T) {
			r := fake(t, ".", time.Minute, tt.env...)
			if (r.Fault == "") != (tt.fault == "") || !strings.Contains(r.Fault, tt.fault) {
				t.Errorf("fault is %q, want %q", r.Fault, tt.fault)
			}
		})
	}
}

func TestARunThatTakesTooLongIsEnded(t *testing.T) {
	start := time.Now()
	r := fake(t, ".", 200*time.Millisecond, "FAKE_STDOUT=", "FAKE_SLEEP=1")
	if !strings.Contains(r.Fault, "timed out") || time.Since(start) > 30*time.Second {
		t.Errorf("fault is %q after %s", r.Fault, time.Since(start))
	}
}

func TestABinaryThatIsNotThereIsAnError(t *testing.T) {
	if _, err := (Tool{Binary: filepath.Join(t.TempDir(), "none"), Timeout: time.Minute}).Run(Where{Tree: t.TempDir(), Dir: "."}); err == nil {
		t.Error("no error")
	}
}

const report = `{"version":1,"findings":[{"rule":"wakeloop","level":"deadlock","message":"m","function":"F",
"position":{"file":"a/b.go","line":3,"column":2,"endLine":3,"endColumn":9},"resource":{"expr":"mu"},
"related":[{"position":{"file":"a/c.go","line":7},"message":"peer"}],
"fix":{"title":"t","strategy":"take","applicability":"unsafe","obligations":[{"name":"order","status":"assumed","reason":"r"}],
"edits":[{"file":"a/b.go","start":1,"end":2,"newText":"x"}]},
"refusals":[{"message":"open: closed","position":{"file":"a/d.go","line":4}},{"message":"plain"}]}],"errors":[{"message":"e","package":"m"}]}`

func TestTheReportIsReadAndItsFilesAreRelativeToTheTree(t *testing.T) {
	var r Report
	if err := json.Unmarshal([]byte(report), &r); err != nil {
		t.Fatal(err)
	}
	r.rebase("sub/mod")
	f := r.Findings[0]
	for _, name := range []string{f.Position.File, f.Fix.Edits[0].File} {
		if name != "sub/mod/a/b.go" {
			t.Errorf("a file is named %s", name)
		}
	}
	if f.Related[0].Position.File != "sub/mod/a/c.go" || f.Related[0].Position.Line != 7 {
		t.Errorf("the related place is %+v", f.Related[0])
	}
	if f.Grade() != "unsafe" || !f.Flags() || f.Fix.Obligations[0].Status != "assumed" {
		t.Errorf("finding is %+v", f)
	}
	want := []Note{{Position{File: "sub/mod/a/d.go", Line: 4}, "open: closed"}, {Message: "plain"}}
	if !slices.Equal(f.Refusals, want) || r.Errors[0].Message != "e" {
		t.Errorf("refusals are %+v, errors %+v", f.Refusals, r.Errors)
	}
}

func TestEditsApplyInAnyOrderAndRefuseToOverlap(t *testing.T) {
	tests := []struct {
		claim string
		edits []Edit
		want  string // empty: refused
	}{
		{"none", nil, "abcdef"},
		{"out of order", []Edit{{Start: 4, End: 5, NewText: "X"}, {Start: 0, End: 1, NewText: ""}}, "bcdXf"},
		{"an insertion", []Edit{{Start: 6, End: 6, NewText: "!"}}, "abcdef!"},
		{"insertions at one place keep their order", []Edit{{Start: 2, End: 2, NewText: "1"}, {Start: 2, End: 2, NewText: "2"}}, "ab12cdef"},
		{"overlapping", []Edit{{Start: 0, End: 3}, {Start: 2, End: 4}}, ""},
		{"beyond the end", []Edit{{Start: 5, End: 7}}, ""},
		{"backwards", []Edit{{Start: 3, End: 2}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.claim, func(t *testing.T) {
			got, err := Apply([]byte("abcdef"), tt.edits)
			if (err != nil) != (tt.want == "") || err == nil && string(got) != tt.want {
				t.Errorf("result is %q (%v), want %q", got, err, tt.want)
			}
		})
	}
}
