package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// A Tally is what the summary line counts.
type Tally struct {
	Findings  []*rule.Finding // what is left
	Packages  int
	Fixed     int
	Written   bool // fixes were written; otherwise they stand in a diff
	Generated int  // findings left alone
	Ignored   int
	Off       int
	Old       int    // in functions that have not changed
	Novelty   string // and what they are: "unchanged since main"
	Known     int    // in the baseline
	Stale     int    // entries of the baseline that are of no finding
	Problems  int
	Took      time.Duration
}

// Summary is the last line of every run.
func Summary(t Tally) string {
	var b strings.Builder
	if t.Fixed > 0 {
		done := "in the diff"
		if t.Written {
			done = "fixed"
		}
		fmt.Fprintf(&b, "%d %s, ", t.Fixed, done)
	}
	b.WriteString(Count(len(t.Findings), "finding"))
	if levels := t.levels(); levels != "" {
		b.WriteString(" (" + levels + ")")
	}
	b.WriteString(" in " + Count(t.Packages, "package"))
	if len(t.Findings) > 0 {
		b.WriteString(": " + t.fixes())
	}
	var left []string
	if t.Generated > 0 {
		left = append(left, fmt.Sprintf("%d in generated files", t.Generated))
	}
	if t.Ignored > 0 {
		left = append(left, fmt.Sprintf("%d under lockfix:ignore", t.Ignored))
	}
	if t.Off > 0 {
		left = append(left, fmt.Sprintf("%d where the rule is off", t.Off))
	}
	if t.Old > 0 {
		left = append(left, fmt.Sprintf("%d %s", t.Old, t.Novelty))
	}
	if t.Known > 0 {
		left = append(left, fmt.Sprintf("%d in the baseline", t.Known))
	}
	if len(left) > 0 {
		b.WriteString("; left alone: " + strings.Join(left, ", "))
	}
	if t.Stale == 1 {
		b.WriteString("; 1 entry of the baseline is stale")
	} else if t.Stale > 0 {
		fmt.Fprintf(&b, "; %d entries of the baseline are stale", t.Stale)
	}
	if t.Problems > 0 {
		b.WriteString("; " + Count(t.Problems, "problem"))
	}
	fmt.Fprintf(&b, "  [%.1fs]", t.Took.Seconds())
	return b.String()
}

func (t Tally) levels() string {
	var list []string
	for _, l := range []hazard.Level{hazard.Deadlock, hazard.Hazard, hazard.Contention} {
		n := 0
		for _, f := range t.Findings {
			if f.Level == l {
				n++
			}
		}
		if n > 0 {
			list = append(list, Count(n, Severity(l)))
		}
	}
	return strings.Join(list, ", ")
}

func (t Tally) fixes() string {
	safe, unsafe, none := 0, 0, 0
	for _, f := range t.Findings {
		switch {
		case f.Fix == nil:
			none++
		case f.Fix.Safe:
			safe++
		default:
			unsafe++
		}
	}
	fixes := "fixes"
	if safe == 1 {
		fixes = "fix"
	}
	return fmt.Sprintf("%d safe %s, %d behind --unsafe-fixes, %d without a fix", safe, fixes, unsafe, none)
}

// Count words a number of things.
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
