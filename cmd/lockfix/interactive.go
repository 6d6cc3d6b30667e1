package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"go/token"
	"io"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/repair"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/suppress"
)

// An interview is the work of -i: it asks for each fix, those with assumptions
// included, which it calls unsafe and whose assumptions it shows.
//
// The questions are in the order of places. When all are answered, the files are
// analysed once more with the fixes that were confirmed, as --check does; what
// there is to fix then and was not before is asked for too, and so on until
// nothing is left to ask. Only then is anything written, as -w does it: an
// interrupt before that leaves every file as it was. To ask no more, or to end the
// input, writes what was confirmed.
//
// It goes over the terminal that the program was started from, whatever its input
// and output are: a report in a pipe does not get the questions.
type interview struct {
	*check
	ctx     context.Context
	out     io.Writer
	lines   <-chan string // what is typed; closed at the end of it
	answers map[string]answer
	all     bool // safe fixes are confirmed from here on
	quit    bool
}

// maxQuestionRounds bounds how often is asked for what follows from earlier answers:
// it is met by fixes without end only, which "all" would confirm for ever.
const maxQuestionRounds = 50

// An answer is what is to be done about one finding.
type answer struct {
	apply  bool
	rules  []string // to silence, in place of the fix; nil: none
	reason string
}

// choices is how the answers are called, and help what they do.
const (
	choices = "[y]es [n]o [a]ll [q]uit [d]etails [s]uppress"
	help    = "y  apply this fix\nn  leave it\na  apply this one and all safe ones that follow; unsafe ones are still asked for\n" +
		"q  ask no more, and write what was confirmed; an interrupt writes nothing\nd  show how it is proved, and the page of the rule\ns  silence the finding by a comment, with a reason\n"
)

// ask asks for the fixes and writes the confirmed ones.
func (c *check) ask(ctx context.Context) error {
	tty, err := openTerminal()
	if err != nil {
		return errors.New("-i asks on a terminal, and there is none: -w applies the safe fixes without asking, -d shows them")
	}
	defer tty.Close()
	t := &interview{check: c, ctx: ctx, out: tty, lines: lines(tty), answers: make(map[string]answer)}
	c.choose, c.unasked, c.again = t.choose, t.why, true
	changed := true
	for rounds := 0; changed && !t.quit && rounds < maxQuestionRounds; rounds++ {
		if changed, err = t.round(tty); err != nil {
			return err
		}
		if changed {
			if err := c.analyse(ctx); err != nil {
				return err
			}
		}
	}
	return c.writeFiles(ctx)
}

// lines hands on what is typed, line by line.
func lines(r io.Reader) <-chan string {
	ch := make(chan string)
	go func() {
		defer close(ch)
		for s := bufio.NewScanner(r); s.Scan(); {
			ch <- s.Text()
		}
	}()
	return ch
}

// round asks for each fix that was not asked for. It reports whether there is one
// to apply.
func (t *interview) round(tty io.Writer) (changed bool, err error) {
	groups := t.open()
	color := t.settle(tty)
	for i, group := range groups {
		var a answer
		if t.all && group[0].Fix.Safe {
			a.apply = true
		} else if a, err = t.question(group, fmt.Sprintf("[%d/%d]", i+1, len(groups)), color); err != nil {
			return false, err
		}
		if t.quit {
			break
		}
		changed = changed || a.apply || a.rules != nil
		for _, f := range group {
			t.answers[t.key(f)] = a
		}
	}
	return changed, nil
}

// open returns the findings whose fix was not asked for, those that share one
// together.
func (t *interview) open() [][]*rule.Finding {
	var groups [][]*rule.Finding
	at := make(map[*rule.Fix]int)
	for _, f := range t.findings {
		if f.Fix == nil {
			continue
		}
		if _, asked := t.answers[t.key(f)]; asked {
			continue
		}
		i, ok := at[f.Fix]
		if !ok {
			i = len(groups)
			at[f.Fix], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], f)
	}
	return groups
}

// key names a finding, and stays the same when others are fixed.
func (t *interview) key(f *rule.Finding) string {
	was, ok := t.origins[f]
	if !ok {
		was = f.Pos
	}
	return key(f, was)
}

func key(f *rule.Finding, was token.Position) string {
	return fmt.Sprintf("%d\x00%s", was.Offset, repair.Identity(f))
}

// question shows a fix and asks until there is an answer.
func (t *interview) question(group []*rule.Finding, count string, color bool) (answer, error) {
	fx := group[0].Fix
	var shown strings.Builder
	report.Write(&shown, "pretty", report.Input{Dir: t.dir, Findings: group, Color: color, Source: t.source})
	for _, ch := range fx.Changes {
		old := t.source(ch.File)
		text, err := edit.Apply(old, ch.Edits)
		if err != nil {
			return answer{}, fmt.Errorf("showing a fix: %w", err) // not what was analysed
		}
		shown.WriteString(repair.Diff(report.Rel(t.dir, ch.File), old, text))
	}
	fmt.Fprintf(t.out, "%s\n", shown.String())
	what := "apply this fix"
	if !fx.Safe {
		what = "apply this unsafe fix"
	}
	for {
		line, ok, err := t.read(fmt.Sprintf("%s %s? %s: ", count, what, choices))
		if err != nil {
			return answer{}, err
		}
		switch strings.ToLower(line) {
		case "y", "yes":
			return answer{apply: true}, nil
		case "n", "no":
			return answer{}, nil
		case "a", "all":
			t.all = true
			return answer{apply: true}, nil
		case "q", "quit":
			t.quit = true
			return answer{}, nil
		case "d", "details":
			t.details(group)
		case "s", "suppress":
			if a, done, err := t.suppress(group); done || err != nil {
				return a, err
			}
		default:
			if !ok {
				t.quit = true
				return answer{}, nil
			}
			fmt.Fprint(t.out, help)
		}
	}
}

// read asks for one line: ok is false at the end of the input. An interrupt is an
// error.
func (t *interview) read(prompt string) (line string, ok bool, err error) {
	fmt.Fprint(t.out, prompt)
	select {
	case line, ok = <-t.lines:
		if !ok {
			fmt.Fprintln(t.out)
		}
		return strings.TrimSpace(line), ok, nil
	case <-t.ctx.Done():
		fmt.Fprintln(t.out)
		return "", false, t.ctx.Err()
	}
}

// details shows each condition of a fix, and the page of the rule.
func (t *interview) details(group []*rule.Finding) {
	for _, o := range group[0].Fix.Obligations {
		text := report.Status(o.Status) + "  " + o.Name
		if o.Status != fix.Proved && o.Reason != "" {
			text += ": " + o.Reason
		}
		fmt.Fprintln(t.out, text)
	}
	i := slices.IndexFunc(t.active, func(r *rule.Rule) bool { return r.Name == group[0].Rule })
	if i >= 0 {
		fmt.Fprintf(t.out, "\n%s: %s\n\n%s\n", t.active[i].Name, t.active[i].Title, strings.TrimSpace(t.active[i].Doc))
	}
}

// suppress asks for the reason of a comment. Without one there is no answer: the
// question is asked again.
func (t *interview) suppress(group []*rule.Finding) (a answer, done bool, err error) {
	for _, f := range group {
		if !slices.ContainsFunc(t.rules, func(r *rule.Rule) bool { return r.Name == f.Rule }) {
			fmt.Fprintf(t.out, "%s is about a comment, and cannot be silenced by one\n", f.Rule)
			return a, false, nil
		}
		a.rules = append(a.rules, f.Rule)
	}
	slices.Sort(a.rules)
	a.rules = slices.Compact(a.rules)
	for _, f := range group {
		file := &source.File{Name: f.Pos.Filename, Content: t.source(f.Pos.Filename)}
		if _, err := suppress.Silence(file, f, a.rules, ""); err != nil {
			fmt.Fprintln(t.out, err)
			return a, false, nil
		}
	}
	reason, _, err := t.read("reason: ")
	if reason == "" {
		if err == nil {
			fmt.Fprintln(t.out, "a comment needs a reason")
		}
		return a, false, err
	}
	a.reason = reason
	return a, true, nil
}

// choose returns what was confirmed for a finding.
func (t *interview) choose(pkg *source.Package, f *rule.Finding, was token.Position) *rule.Fix {
	a := t.answers[key(f, was)]
	switch {
	case a.rules != nil:
		i := slices.IndexFunc(pkg.Files, func(file *source.File) bool { return file.Name == f.Pos.Filename })
		if fx, err := suppress.Silence(pkg.Files[i], f, a.rules, a.reason); err == nil {
			return fx
		}
	case a.apply:
		return f.Fix
	}
	return nil
}

// why says why a fix was not applied.
func (t *interview) why(f *rule.Finding) string {
	switch a, asked := t.answers[t.key(f)]; {
	case !asked:
		return "not asked for"
	case a.rules != nil:
		return "no comment could be put above it"
	}
	return "the answer was no"
}
