package facts

import (
	"fmt"
	"strconv"
	"strings"
)

// A Range is a range of lines, both ends included.
type Range struct{ From, To int }

// ParseRange reads "44" or "505-517".
func ParseRange(s string) (Range, error) {
	from, to, isRange := strings.Cut(s, "-")
	if !isRange {
		to = from
	}
	a, err := strconv.Atoi(from)
	if err != nil {
		return Range{}, fmt.Errorf("parse line range %q: %w", s, err)
	}
	b, err := strconv.Atoi(to)
	if err != nil {
		return Range{}, fmt.Errorf("parse line range %q: %w", s, err)
	}
	if a < 1 || b < a {
		return Range{}, fmt.Errorf("parse line range %q: not a range of lines", s)
	}
	return Range{a, b}, nil
}

// Near reports whether a line lies in the range or touches it.
func (r Range) Near(line int) bool { return r.From-1 <= line && line <= r.To+1 }

// Distance is how many lines a line is away from the range.
func (r Range) Distance(line int) int { return max(r.From-line, line-r.To, 0) }

// A Fix is a human fix of a defect: where it was, and what was made of it.
type Fix struct {
	ID             string
	Repo           string // owner/name
	Commit, Parent string
	File, Function string
	Lines          Range // in the parent's file
	Shape          string
	Intra          bool   // the hazard is visible in one function
	HumanFix       string // "copy-then-unlock", ...
	Auto           string // "safe", "suggested", "no": what a tool could dare
}

// Fixable reports whether a tool is expected to offer an edit.
func (f Fix) Fixable() bool { return f.Auto == "safe" || f.Auto == "suggested" }

// Fixes reads human fixes, all shapes if none is named.
func Fixes(name string, shapes []string) ([]Fix, error) {
	t, err := Read(name, "id", "repo", "fix_commit", "parent_commit", "file", "function",
		"line_range_in_parent", "shape", "intraprocedural", "human_fix", "auto_rewrite")
	if err != nil {
		return nil, err
	}
	wanted := make(map[string]bool, len(shapes))
	for _, s := range shapes {
		wanted[strings.TrimSpace(s)] = true
	}
	var out []Fix
	for _, r := range t.Rows {
		if len(wanted) > 0 && !wanted[r["shape"]] {
			continue
		}
		lines, err := ParseRange(r["line_range_in_parent"])
		if err != nil {
			return nil, fmt.Errorf("read %s, row %s: %w", name, r["id"], err)
		}
		out = append(out, Fix{
			ID: r["id"], Repo: r["repo"], Commit: r["fix_commit"], Parent: r["parent_commit"],
			File: r["file"], Function: r["function"], Lines: lines, Shape: r["shape"],
			Intra: r["intraprocedural"] == "yes", HumanFix: r["human_fix"], Auto: r["auto_rewrite"],
		})
	}
	return out, nil
}

// What a tool may say about a place that looks like a defect and is none.
const (
	NoFlag    = "no-flag"     // no finding at level hazard or above
	FlagNoFix = "flag-no-fix" // a finding, but no safe fix
)

// A Negative is a place that looks like a defect and is none.
type Negative struct {
	ID, Repo, Commit, File string
	Line                   int
	Function, Kind, Reason string
	Expect                 string // [NoFlag] or [FlagNoFix]
}

// Negatives reads the places that must not be flagged, or not be edited.
func Negatives(name string) ([]Negative, error) {
	t, err := Read(name, "id", "repo", "head_commit", "file", "line", "function", "kind",
		"reason_not_a_bug", "expected_tool_behaviour")
	if err != nil {
		return nil, err
	}
	var out []Negative
	for _, r := range t.Rows {
		line, err := strconv.Atoi(r["line"])
		if err != nil {
			return nil, fmt.Errorf("read %s, row %s: parse line: %w", name, r["id"], err)
		}
		expect := r["expected_tool_behaviour"]
		if expect != NoFlag && expect != FlagNoFix {
			return nil, fmt.Errorf("read %s, row %s: unknown expectation %q", name, r["id"], expect)
		}
		out = append(out, Negative{
			ID: r["id"], Repo: r["repo"], Commit: r["head_commit"], File: r["file"], Line: line,
			Function: r["function"], Kind: r["kind"], Reason: r["reason_not_a_bug"], Expect: expect,
		})
	}
	return out, nil
}
