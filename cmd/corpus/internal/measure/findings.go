package measure

import (
	"fmt"
	"io"
	"sort"
	"strconv"

	"github.com/lockfix/lockfix/cmd/corpus/internal/facts"
)

// FindingTable lists findings as facts to be judged. A verdict that is known for
// the same place of the same commit is filled in.
func (b *Bench) FindingTable(targets []Target, known []facts.Verdict) (facts.Table, error) {
	t := facts.Table{Columns: []string{"repository", "commit", "file", "line", "rule", "level", "fix", "message", "verdict", "reason"}}
	judged := make(map[[5]string]facts.Verdict)
	for _, v := range known {
		judged[[5]string{v.Repo, v.Commit, v.File, v.Line, v.Rule}] = v
	}
	for _, target := range targets {
		b.log("%s", target.Name())
		run, err := b.Tool.Run(target.where(), target.Pattern)
		if err != nil {
			return t, fmt.Errorf("measure %s: %w", target.Name(), err)
		}
		if run.Fault != "" {
			b.log("%s: %s", target.Name(), run.Fault)
		}
		for _, f := range run.Report.Findings {
			row := facts.Row{
				"repository": target.Repo.Name, "commit": target.Commit, "file": f.Position.File, "line": strconv.Itoa(f.Position.Line),
				"rule": f.Rule, "level": f.Level, "fix": f.Grade(), "message": f.Message,
			}
			v := judged[[5]string{row["repository"], row["commit"], row["file"], row["line"], row["rule"]}]
			row["verdict"], row["reason"] = v.Verdict, v.Reason
			t.Rows = append(t.Rows, row)
		}
	}
	return t, nil
}

// A Precision is how findings were judged.
type Precision struct{ True, Debatable, False int }

// Right is the share that is true or debatable.
func (p Precision) Right() Share {
	return Share{Part: p.True + p.Debatable, Whole: p.True + p.Debatable + p.False}
}

func (p *Precision) add(verdict string) {
	switch verdict {
	case "true":
		p.True++
	case "debatable":
		p.Debatable++
	case "false":
		p.False++
	}
}

// Judge sums verdicts up, by rule and in all under the name "total". Findings of
// level contention are left out where the level is known: they are off by default.
func Judge(verdicts []facts.Verdict) map[string]Precision {
	out := make(map[string]Precision)
	for _, v := range verdicts {
		if v.Level == "contention" {
			continue
		}
		for _, key := range []string{v.Rule, "total"} {
			p := out[key]
			p.add(v.Verdict)
			out[key] = p
		}
	}
	return out
}

// PrintJudged writes the sums, total last.
func PrintJudged(w io.Writer, sums map[string]Precision, open int) error {
	t := facts.Table{}
	rules := make([]string, 0, len(sums))
	for rule := range sums {
		if rule != "total" {
			rules = append(rules, rule)
		}
	}
	sort.Strings(rules)
	for _, rule := range append(rules, "total") {
		p := sums[rule]
		t.Rows = append(t.Rows, facts.Row{"rule": rule, "true": strconv.Itoa(p.True), "debatable": strconv.Itoa(p.Debatable),
			"false": strconv.Itoa(p.False), "true or debatable": p.Right().String()})
	}
	if err := Print(w, t, "rule", "true", "debatable", "false", "true or debatable"); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d not judged yet\n", open)
	return err
}
