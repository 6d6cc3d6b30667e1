package page

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"go/token"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/locks"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/repair"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// An Input is what there is to show.
type Input struct {
	report.Input
	Tally report.Tally
	Graph *locks.Graph
}

type reportPage struct {
	Summary  string
	Order    order
	Groups   []*group
	Problems []string
}

// group is a lock with what is wrong under it.
type group struct {
	Name, Class string
	Findings    []finding
	worst       hazard.Level
}

type finding struct {
	Severity, Rule, Message, Place, Function string
	Frames                                   []frame
	Fix                                      *fixed
	Refusals                                 []frame
}

// frame is a place with words and the lines around it.
type frame struct {
	Place, Text string
	Code        []codeLine
}

type codeLine struct {
	Number int
	Text   string
	Here   bool
}

type fixed struct {
	Title, Applicability string
	Obligations          []obligation
	Diff                 []diffLine
}

type obligation struct{ Name, Status, Reason string }

type diffLine struct{ Class, Text string }

// Report writes the page of findings, those of one lock together.
func Report(ctx context.Context, in Input) (string, error) {
	o, err := orderOf(ctx, in.Graph, in.Dir)
	if err != nil {
		return "", err
	}
	p := reportPage{Summary: withoutTime(report.Summary(in.Tally)), Order: o, Groups: in.groups()}
	for _, x := range in.Problems {
		p.Problems = append(p.Problems, x.String(in.Dir))
	}
	return execute("report.tmpl", p)
}

// withoutTime takes off how long the run took: the same findings make the same page.
func withoutTime(summary string) string {
	if i := strings.LastIndex(summary, "  ["); i >= 0 {
		return summary[:i]
	}
	return summary
}

// groups puts the findings of one lock together, the worst lock first.
func (in Input) groups() []*group {
	var out []*group
	at := make(map[string]*group)
	for _, f := range in.Findings {
		name, class := nameOf(f, in.Graph)
		g := at[name+" "+class]
		if g == nil {
			g = &group{Name: name, Class: class}
			at[name+" "+class] = g
			out = append(out, g)
		}
		g.worst = max(g.worst, f.Level)
		g.Findings = append(g.Findings, in.finding(f))
	}
	slices.SortStableFunc(out, func(a, b *group) int {
		return cmp.Or(cmp.Compare(b.worst, a.worst), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// nameOf names what a finding is about: its lock for all instances, else as it is
// written there, and the function.
func nameOf(f *rule.Finding, g *locks.Graph) (name, class string) {
	switch {
	case f.Class != "":
		return g.NameOf(f.Class), f.Class
	case f.Resource != "":
		return f.Resource + " in " + f.Function, f.Package
	}
	return "without a lock", ""
}

func (in Input) finding(f *rule.Finding) finding {
	out := finding{Severity: report.Severity(f.Level), Rule: f.Rule, Message: f.Message, Place: report.Place(in.Dir, f.Pos), Function: f.Function}
	if f.Acquired.IsValid() {
		out.Frames = append(out.Frames, in.frame(f.Acquired, f.Resource+" is held from here"))
	}
	out.Frames = append(out.Frames, in.frame(f.Pos, f.Message))
	for _, n := range f.Notes {
		x := in.frame(n.Pos, n.Text)
		if n.Pos == f.Pos {
			x.Code = nil // it is shown already
		}
		out.Frames = append(out.Frames, x)
	}
	for _, n := range f.Refusals {
		out.Refusals = append(out.Refusals, in.frame(n.Pos, n.Text))
	}
	if f.Fix == nil {
		return out
	}
	out.Fix = &fixed{Title: f.Fix.Title, Applicability: report.Applicability(f.Fix), Diff: in.diff(f.Fix)}
	for _, o := range f.Fix.Obligations {
		out.Fix.Obligations = append(out.Fix.Obligations, obligation{o.Name, report.Status(o.Status), o.Reason})
	}
	slices.SortStableFunc(out.Fix.Obligations, func(a, b obligation) int {
		return cmp.Compare(rank[a.Status], rank[b.Status])
	})
	return out
}

// rank puts first what a reader has to judge.
var rank = map[string]int{"refuted": 0, "assumed": 1, "proved": 2}

// around is how many lines are shown before and after a place.
const around = 2

func (in Input) frame(pos token.Position, text string) frame {
	f := frame{Text: text}
	if pos.Filename == "" {
		return f
	}
	f.Place = report.Place(in.Dir, pos)
	content := in.Source(pos.Filename)
	if len(content) == 0 {
		return f
	}
	all := bytes.Split(bytes.TrimSuffix(content, []byte("\n")), []byte("\n"))
	for n := max(1, pos.Line-around); n <= min(len(all), pos.Line+around); n++ {
		line := strings.TrimRight(string(all[n-1]), "\r")
		f.Code = append(f.Code, codeLine{n, strings.ReplaceAll(line, "\t", "    "), n == pos.Line})
	}
	return f
}

// diff shows what a fix changes.
func (in Input) diff(fix *rule.Fix) []diffLine {
	var out []diffLine
	for _, c := range fix.Changes {
		old := in.Source(c.File)
		text, err := edit.Apply(old, c.Edits)
		if err != nil {
			out = append(out, diffLine{"", fmt.Sprintf("%s changed since it was analysed", report.Rel(in.Dir, c.File))})
			continue
		}
		for line := range strings.Lines(repair.Diff(report.Rel(in.Dir, c.File), old, text)) {
			out = append(out, diffLine{classOf(line), strings.TrimRight(line, "\r\n")})
		}
	}
	return out
}

func classOf(line string) string {
	switch {
	case strings.HasPrefix(line, "---"), strings.HasPrefix(line, "+++"):
		return "file"
	case strings.HasPrefix(line, "@@"):
		return "hunk"
	case strings.HasPrefix(line, "+"):
		return "new"
	case strings.HasPrefix(line, "-"):
		return "old"
	}
	return ""
}
