package measure

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lockfix/lockfix/cmd/corpus/internal/clone"
	"github.com/lockfix/lockfix/cmd/corpus/internal/tool"
)

// TestMain plays lockfix when it is started as such.
func TestMain(m *testing.M) {
	if manner, ok := os.LookupEnv("FAKE_LOCKFIX"); ok {
		if err := playLockfix(manner, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, "panic:", err)
			os.Exit(2)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// flaw is what the fake finds: "// BUG safe", "// BUG unsafe", "// BUG none",
// with a rule behind. It fixes one by taking the remark away.
var flaw = regexp.MustCompile(` // BUG (safe|unsafe|none) (\w+)`)

// playLockfix finds flaws and, with -w, fixes those that it may. Its manners are
// the ways to break a promise.
func playLockfix(manner string, args []string) error {
	if manner == "crash" {
		return fmt.Errorf("crashed")
	}
	var report tool.Report
	report.Version = 1
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		pattern := strings.TrimPrefix(args[len(args)-1], "./")
		all := strings.HasSuffix(pattern, "...") || pattern == "work"
		if err != nil || filepath.Ext(name) != ".go" || !all && filepath.ToSlash(filepath.Dir(name)) != filepath.ToSlash(filepath.Clean(pattern)) {
			return err
		}
		return playFile(manner, args, name, &report)
	})
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(report)
}

func playFile(manner string, args []string, name string, report *tool.Report) error {
	src, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	after := map[string]string{"breaks": " undefined()", "red": " // RED"}[manner]
	found := playFindings(name, string(src), after)
	report.Findings = append(report.Findings, found...)
	if !slices.Contains(args, "-w") {
		return nil
	}
	var edits []tool.Edit
	for _, f := range found {
		if f.Grade() == "safe" || f.Grade() == "unsafe" && slices.Contains(args, "--unsafe-fixes") {
			edits = append(edits, f.Fix.Edits...)
			report.Fixed = append(report.Fixed, f)
		}
	}
	out, err := tool.Apply(src, edits)
	if err != nil {
		return err
	}
	switch manner {
	case "restless":
		out = append(out, "// more\n"...)
	case "stray":
		if err := os.WriteFile(name+".orig", src, 0o600); err != nil {
			return err
		}
	}
	return os.WriteFile(name, out, 0o600)
}

func playFindings(name, src, after string) []tool.Finding {
	var found []tool.Finding
	for _, m := range flaw.FindAllStringSubmatchIndex(src, -1) {
		f := tool.Finding{
			Rule: src[m[4]:m[5]], Level: "deadlock", Message: "a flaw",
			Position: tool.Position{File: name, Line: 1 + strings.Count(src[:m[0]], "\n")},
		}
		if grade := src[m[2]:m[3]]; grade != "none" {
			f.Fix = &tool.Fix{Title: "take it away", Strategy: "move", Applicability: grade,
				Obligations: []tool.Obligation{{Name: "region", Status: "proved"}, {Name: "order", Status: "assumed", Reason: "two senders"}},
				Edits:       []tool.Edit{{File: name, Start: m[0], End: m[1], NewText: after}}}
		} else {
			f.Refusals = []tool.Note{{Message: "open: closed elsewhere", Position: tool.Position{File: name, Line: 1}}}
		}
		found = append(found, f)
	}
	return found
}

// bench is a bench on clones at dir with a fake lockfix.
func bench(t *testing.T, dir, manner string) *Bench {
	t.Helper()
	repos, err := clone.All(dir)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &Bench{
		Repos: repos, Work: t.TempDir(), Offline: true, Log: io.Discard,
		Tool: tool.Tool{Binary: self, Timeout: time.Minute, Env: []string{"FAKE_LOCKFIX=" + manner}},
	}
}
