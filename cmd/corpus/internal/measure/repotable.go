package measure

import (
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/lockfix/lockfix/cmd/corpus/internal/facts"
)

// countColumns are the columns of a table of findings by rule.
var countColumns = []string{"repository", "rule", "deadlock", "hazard", "contention", "safe", "unsafe", "none"}

// CountTable counts findings by rule, level and grade of edit.
func CountTable(runs []RepoRun) facts.Table {
	t := facts.Table{Columns: countColumns}
	for _, r := range runs {
		counts := make(map[string]map[string]int)
		for _, f := range r.Check.Report.Findings {
			for _, rule := range []string{f.Rule, "total"} {
				if counts[rule] == nil {
					counts[rule] = make(map[string]int)
				}
				counts[rule][f.Level]++
				counts[rule][f.Grade()]++
			}
		}
		rules := make([]string, 0, len(counts))
		for rule := range counts {
			rules = append(rules, rule)
		}
		sort.Slice(rules, func(i, j int) bool { // total last
			if (rules[i] == "total") != (rules[j] == "total") {
				return rules[j] == "total"
			}
			return rules[i] < rules[j]
		})
		for _, rule := range rules {
			row := facts.Row{"repository": r.Target.Name(), "rule": rule}
			for _, c := range countColumns[2:] {
				row[c] = strconv.Itoa(counts[rule][c])
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

// RunTable has a row for each run on a module: what it cost and what it changed.
func RunTable(runs []RepoRun) facts.Table {
	t := facts.Table{Columns: []string{"repository", "commit", "run", "time", "memory", "files", "builds_vets", "tests", "second_run", "broken"}}
	for _, r := range runs {
		base := facts.Row{"repository": r.Target.Name(), "commit": short(r.Target.Commit)}
		check := with(base, facts.Row{"run": "check", "time": seconds(r.Check.Elapsed), "memory": megabytes(r.Check.RSS), "broken": r.Check.Fault})
		t.Rows = append(t.Rows, check)
		for _, w := range r.Writes {
			row := with(base, facts.Row{
				"run": strings.Join(w.Flags, " "), "time": seconds(w.Elapsed), "memory": megabytes(w.RSS), "files": strconv.Itoa(len(w.Changed)),
				"builds_vets": sameOr(w.Problems, "as before"), "second_run": sameOr(w.Second, "nothing"), "broken": strconv.Itoa(len(w.Broken())),
			})
			if w.Tested {
				row["tests"] = sameOr(w.RedAfter, "as before")
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

func with(base, more facts.Row) facts.Row {
	row := make(facts.Row)
	for k, v := range base {
		row[k] = v
	}
	for k, v := range more {
		row[k] = v
	}
	return row
}

func sameOr(items []string, same string) string {
	if len(items) == 0 {
		return same
	}
	return fmt.Sprintf("%d differ", len(items))
}

func short(commit string) string { return commit[:min(12, len(commit))] }

func seconds(d time.Duration) string { return fmt.Sprintf("%.1fs", d.Seconds()) }

func megabytes(n int64) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprintf("%dMB", n>>20)
}

// PrintBroken writes every broken promise and what was red to begin with, and
// returns how many promises were broken.
func PrintBroken(w io.Writer, runs []RepoRun) int {
	n := 0
	told := make(map[string]bool)
	for _, r := range runs {
		if r.Check.Fault != "" {
			n++
			fmt.Fprintf(w, "%s check: %s\n", r.Target.Name(), r.Check.Fault)
		}
		for _, write := range r.Writes {
			for _, b := range write.Broken() {
				n++
				fmt.Fprintf(w, "%s %s: %s\n", r.Target.Name(), strings.Join(write.Flags, " "), b)
			}
			for _, test := range write.RedBefore {
				line := fmt.Sprintf("%s: red before: %s\n", r.Target.Name(), test)
				if !told[line] { // both runs may edit the package
					told[line] = true
					fmt.Fprint(w, line)
				}
			}
		}
	}
	return n
}
