package report

import (
	"fmt"
	"go/token"
	"html"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// StepSummary is the report as GitHub Actions shows it under a run: a table of the
// rules, and each finding with its proof, folded. It has at most as many bytes as
// there is room for, and says how many findings were left out. place words a
// position, as a link where there can be one.
func StepSummary(in Input, place func(token.Position) string, room int) string {
	var b strings.Builder
	b.WriteString("### lockfix: " + headline(in) + "\n\n")
	if len(in.Findings) > 0 {
		b.WriteString(byRule(in.Findings))
	}
	var blocks []string
	for _, f := range worstFirst(in.Findings) {
		head := fmt.Sprintf("%s <code>%s</code> %s: %s", Severity(f.Level), f.Rule, html.EscapeString(spot(in.root(), f.Pos)), html.EscapeString(f.Message))
		blocks = append(blocks, fmt.Sprintf("<details><summary>%s</summary>\n\n%s\n\n%s\n</details>\n\n", head, place(f.Pos), Markdown(f, place)))
	}
	blocks = append(blocks, closing(in, place)...)
	if b.Len() > room {
		return ""
	}
	return b.String() + fit(blocks, room-b.Len())
}

// closing tells what is no finding: what -w has ended, and what was not analysed.
func closing(in Input, place func(token.Position) string) []string {
	var blocks []string
	for _, f := range in.Fixed {
		blocks = append(blocks, fmt.Sprintf("- fixed `%s` %s: %s: %s\n", f.Rule, place(f.Pos), Escape(f.Message), Escape(f.Fix.Title)))
	}
	for _, p := range in.Problems {
		where := ""
		if p.Pos.Filename != "" {
			where = " " + place(p.Pos)
		}
		blocks = append(blocks, fmt.Sprintf("- **problem**%s: %s\n", where, Escape(strings.ReplaceAll(p.unplaced(), "\n", " "))))
	}
	return blocks
}

// fit joins blocks as long as there is room for them and for the remark that says
// how many are left out.
func fit(blocks []string, room int) string {
	var b strings.Builder
	for i, block := range blocks {
		remark := fmt.Sprintf("\n%d more would be more than GitHub shows: they stand in the log.\n", len(blocks)-i)
		after := len(remark)
		if i == len(blocks)-1 {
			after = 0
		}
		if b.Len()+len(block)+after <= room {
			b.WriteString(block)
			continue
		}
		if b.Len()+len(remark) <= room {
			b.WriteString(remark)
		}
		break
	}
	return b.String()
}

// headline counts what there is.
func headline(in Input) string {
	text := Count(len(in.Findings), "finding")
	if levels := (Tally{Findings: in.Findings}).levels(); levels != "" {
		text += " (" + levels + ")"
	}
	if len(in.Fixed) > 0 {
		text += fmt.Sprintf(", %d fixed", len(in.Fixed))
	}
	if len(in.Problems) > 0 {
		text += ", " + Count(len(in.Problems), "problem")
	}
	return text
}

// byRule is a table of how many findings each rule has.
func byRule(findings []*rule.Finding) string {
	var names []string
	counts := make(map[string]map[hazard.Level]int)
	for _, f := range findings {
		if counts[f.Rule] == nil {
			names = append(names, f.Rule)
			counts[f.Rule] = make(map[hazard.Level]int)
		}
		counts[f.Rule][f.Level]++
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteString("| rule | errors | warnings | notes |\n|---|---|---|---|\n")
	for _, name := range names {
		n := counts[name]
		fmt.Fprintf(&b, "| `%s` | %d | %d | %d |\n", name, n[hazard.Deadlock], n[hazard.Hazard], n[hazard.Contention])
	}
	return b.String() + "\n"
}

func spot(root string, pos token.Position) string {
	return fmt.Sprintf("%s:%d", Rel(root, pos.Filename), pos.Line)
}
