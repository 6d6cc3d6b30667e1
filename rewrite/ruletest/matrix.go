package ruletest

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"golang.org/x/tools/txtar"

	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// Matrix breaks the premises of each strategy one by one.
//
// An archive of testdata/matrix is a strategy: a program with one finding that
// it mends with a safe edit, and mutations of that program, each with one premise
// of the edit made doubtful or broken. Its comment is
//
//	what the strategy does
//	strategy NAME
//	assumes OBLIGATION ...       what the edit takes for granted even so
//	go 1.20                      the language version
//	include FILE ...             files and mutations of testdata/matrix/FILE that the archive has not
//	OBLIGATION never: reason     no program breaks it, or makes it doubtful
//	OBLIGATION assumed never: reason
//	OBLIGATION refuted never: reason
//
// A file *.go is of the program. Any other is a mutation, which is named for
// what becomes of the edit:
//
//	order assumed              the same strategy, which assumes that
//	open refuted               no edit, because of that
//	open refuted 2             in another way
//	defer refuted, gather      another strategy takes over
//
// A mutation holds a claim, "# ...", and changes: lines "-..." that stand once in
// the first file of the program that has them, however indented, and lines "+..."
// that take their place; where there are none to remove, they are appended to the
// first file. An empty line ends a change.
//
// Each obligation that the strategy says it has proved wants a mutation that
// breaks it, and one that makes it doubtful if it may be assumed, or the reason
// why there is none. strategies are the names that there must be archives for.
// What was shown is written to testdata/matrix/table.txt with the flag -update.
func Matrix(t *testing.T, rules []*rule.Rule, strategies []string) {
	files, err := filepath.Glob(filepath.Join("testdata", "matrix", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata/matrix has no archives: %v", err)
	}
	var table []*strategy
	for _, file := range files {
		s, err := readStrategy(file)
		if err != nil {
			t.Error(err)
			continue
		}
		table = append(table, s)
		t.Run(s.row(), func(t *testing.T) { s.run(t, rules) })
	}
	slices.SortFunc(table, func(a, b *strategy) int {
		return cmp.Or(slices.Index(strategies, a.name)-slices.Index(strategies, b.name), cmp.Compare(a.file, b.file))
	})
	for _, name := range strategies {
		if !slices.ContainsFunc(table, func(s *strategy) bool { return s.name == name }) {
			t.Errorf("no archive has the strategy %q", name)
		}
	}
	for _, s := range table {
		if !slices.Contains(strategies, s.name) {
			t.Errorf("%s: there is no strategy %q", s.file, s.name)
		}
	}
	if all := flag.Lookup("test.run").Value.String(); !strings.Contains(all, "/") {
		compareTable(t, tabulate(table))
	}
}

// doubtOnly are the obligations against which there is never more than a doubt.
var doubtOnly = []string{"order", "liveness", "prose", "bound"}

// A strategy is one archive of the matrix.
type strategy struct {
	file, name string
	version    string // of the language
	assumes    []string
	program    []txtar.File
	mutations  []mutation
	never      map[string]string // "order", "order assumed" or "order refuted" to a reason
	shown      map[string]bool   // "order assumed"
	proved     []string          // what the edit of the program claims
}

// A mutation is one changed premise.
type mutation struct {
	name    string
	verdict string // "order assumed"
	other   string // the strategy that takes over; "" none
	claim   string
	changes []change
}

type change struct{ old, lines []string }

var (
	neverForm    = regexp.MustCompile(`^([a-z-]+)( assumed| refuted)? never: (.+)$`)
	mutationForm = regexp.MustCompile(`^([a-z-]+ (?:assumed|refuted))( \d)?(?:, ([a-z ]+))?$`)
)

// row names the archive in the table: a strategy may have several, one for each
// sort of finding that it mends in a way of its own.
func (s *strategy) row() string { return strings.TrimSuffix(s.file, ".txtar") }

func readStrategy(file string) (*strategy, error) {
	ar, err := txtar.ParseFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the matrix: %w", err)
	}
	s := &strategy{file: filepath.Base(file), version: "go1.26", never: map[string]string{}, shown: map[string]bool{}}
	files, includes := ar.Files, []string(nil)
	for line := range strings.Lines(string(ar.Comment)) {
		line = strings.TrimSpace(line)
		if m := neverForm.FindStringSubmatch(line); m != nil {
			s.never[m[1]+m[2]] = m[3]
		} else if name, ok := strings.CutPrefix(line, "strategy "); ok {
			s.name = name
		} else if v, ok := strings.CutPrefix(line, "go 1."); ok {
			s.version = "go1." + v
		} else if names, ok := strings.CutPrefix(line, "assumes "); ok {
			s.assumes = slices.Sorted(slices.Values(strings.Fields(names)))
		} else if names, ok := strings.CutPrefix(line, "include "); ok {
			includes = append(includes, strings.Fields(names)...)
		}
	}
	for _, name := range includes {
		more, err := txtar.ParseFile(filepath.Join(filepath.Dir(file), name))
		if err != nil {
			return nil, fmt.Errorf("reading the matrix: %w", err)
		}
		files = s.include(files, more.Files)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name, ".go") {
			s.program = append(s.program, f)
			continue
		}
		m, err := readMutation(f)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", s.file, err)
		}
		s.mutations = append(s.mutations, *m)
	}
	return s, nil
}

// include adds files that are neither there nor said to be impossible.
func (s *strategy) include(files, more []txtar.File) []txtar.File {
	own := slices.Clone(files)
	for _, f := range more {
		verdict, _, _ := strings.Cut(f.Name, ",")
		obligation, _, _ := strings.Cut(verdict, " ")
		there := slices.ContainsFunc(own, func(g txtar.File) bool { v, _, _ := strings.Cut(g.Name, ","); return v == verdict })
		if !there && s.never[obligation] == "" && s.never[strings.TrimRight(verdict, " 0123456789")] == "" {
			files = append(files, f)
		}
	}
	return files
}

func readMutation(f txtar.File) (*mutation, error) {
	name := mutationForm.FindStringSubmatch(f.Name)
	if name == nil {
		return nil, fmt.Errorf("%q names no mutation", f.Name)
	}
	m := &mutation{name: f.Name, verdict: name[1], other: name[3]}
	next := true // a change begins
	for line := range strings.Lines(string(f.Data)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "-"):
			if next || len(m.changes[len(m.changes)-1].lines) > 0 {
				m.changes = append(m.changes, change{})
			}
			c := &m.changes[len(m.changes)-1]
			c.old, next = append(c.old, line[1:]), false
		case strings.HasPrefix(line, "+"):
			if next {
				m.changes = append(m.changes, change{})
			}
			c := &m.changes[len(m.changes)-1]
			c.lines, next = append(c.lines, line[1:]), false
		case strings.HasPrefix(line, "# "):
			m.claim = line[2:]
		case line == "":
			next = true
		default:
			return nil, fmt.Errorf("%s: %q is no change", f.Name, line)
		}
	}
	if m.claim == "" || len(m.changes) == 0 {
		return nil, fmt.Errorf("%s: it claims or changes nothing", f.Name)
	}
	return m, nil
}

// mutated returns the program with a premise changed.
func (s *strategy) mutated(m mutation) ([]txtar.File, error) {
	files := slices.Clone(s.program)
	for _, c := range m.changes {
		if err := c.apply(files); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func (c change) apply(files []txtar.File) error {
	if len(c.old) == 0 {
		files[0].Data = slices.Concat(files[0].Data, []byte("\n"+strings.Join(c.lines, "\n")+"\n"))
		return nil
	}
	same := func(a, b string) bool { return strings.TrimSpace(a) == strings.TrimSpace(b) }
	for i, f := range files {
		lines := strings.Split(string(f.Data), "\n")
		var found []int
		for at := 0; at+len(c.old) <= len(lines); at++ {
			if slices.EqualFunc(lines[at:at+len(c.old)], c.old, same) {
				found = append(found, at)
			}
		}
		switch len(found) {
		case 0:
			continue
		case 1:
			files[i].Data = []byte(strings.Join(slices.Concat(lines[:found[0]], c.lines, lines[found[0]+len(c.old):]), "\n"))
			return nil
		}
		return fmt.Errorf("what is to change stands %d times in %s: %q", len(found), f.Name, c.old)
	}
	return fmt.Errorf("what is to change stands nowhere in the program: %q", c.old)
}

func (s *strategy) run(t *testing.T, rules []*rule.Rule) {
	base := s.finding(t, rules, s.program, nil)
	if base == nil {
		return
	}
	if base.Fix == nil || base.Fix.Strategy != s.name || !slices.Equal(assumed(base.Fix), s.assumes) {
		t.Fatalf("the program gets %s, wanted %s, which assumes %q", outcome(base), s.name, s.assumes)
	}
	for _, o := range s.assumes {
		s.shown[o+" assumed"] = true
	}
	for _, o := range base.Fix.Obligations {
		s.proved = append(s.proved, o.Name)
	}
	for _, m := range s.mutations {
		t.Run(m.name, func(t *testing.T) {
			files, err := s.mutated(m)
			if err != nil {
				t.Fatal(err)
			}
			f := s.finding(t, rules, files, base)
			if f == nil {
				return
			}
			if amiss := m.judge(f, s.name); amiss != "" {
				t.Errorf("%s (%s)", amiss, m.claim)
			}
			s.shown[m.verdict] = true
		})
	}
	for _, name := range s.proved {
		for _, kind := range []string{"assumed", "refuted"} {
			if s.cell(name, kind) == hole {
				t.Errorf("no mutation has %q, and no reason why not", name+" "+kind)
			}
		}
	}
	for verdict := range s.never {
		obligation, kind, _ := strings.Cut(verdict, " ")
		if s.shown[verdict] || kind == "" && (s.shown[obligation+" assumed"] || s.shown[obligation+" refuted"]) {
			t.Errorf("%q is said never to be, but it is", verdict)
		} else if !slices.Contains(s.proved, obligation) {
			t.Errorf("%q is said never to be, but the edit does not depend on it", verdict)
		}
	}
}

// finding returns the finding of the program, or that which a mutation has in its
// place.
func (s *strategy) finding(t *testing.T, rules []*rule.Rule, files []txtar.File, base *rule.Finding) *rule.Finding {
	t.Helper()
	r := &row{version: s.version, name: strings.TrimSuffix(s.file, ".txtar"), file: s.file, ar: &txtar.Archive{Files: files}}
	src, facts, err := newWorld().load(r)
	if err != nil {
		t.Error(err)
		return nil
	}
	var names []string
	for _, r := range rules {
		names = append(names, r.Name)
	}
	sum := rewrite.Summarize(src, facts, nil)
	var found, others []*rule.Finding
	for _, f := range rewrite.Default.Report(sum, facts, rewrite.Options{Rules: rules, Fixes: true}, names).Findings {
		switch {
		case f.Level < hazard.Hazard || base != nil && f.Function != base.Function:
		case base != nil && f.Rule != base.Rule:
			others = append(others, f)
		default:
			found = append(found, f)
		}
	}
	found = append(found, others...)
	if base == nil && len(found) != 1 || len(found) == 0 {
		t.Errorf("%d findings, wanted one", len(found))
		for _, f := range found {
			t.Logf("%s: %s (%s)", f.Rule, f.Message, outcome(f))
		}
		return nil
	}
	return found[0]
}

// judge says why a finding is not what the mutation was to make of it; "" if it is.
func (m *mutation) judge(f *rule.Finding, name string) string {
	obligation, kind, _ := strings.Cut(m.verdict, " ")
	switch {
	case kind == "assumed":
		if m.other != "" {
			name = m.other
		}
		if f.Fix == nil || f.Fix.Strategy != name || !slices.Contains(assumed(f.Fix), obligation) {
			return fmt.Sprintf("got %s, wanted %s with %s assumed", outcome(f), name, obligation)
		}
	case m.other != "":
		if f.Fix == nil || f.Fix.Strategy != m.other {
			return fmt.Sprintf("got %s, wanted %s in its place", outcome(f), m.other)
		}
	case f.Fix != nil:
		return fmt.Sprintf("got %s, wanted no edit", outcome(f))
	default:
		w := &want{refused: obligation}
		return w.verdict(f)
	}
	return ""
}

// outcome spells what became of a finding.
func outcome(f *rule.Finding) string {
	switch {
	case f.Fix == nil:
		return fmt.Sprintf("no edit: %s", texts(f.Refusals))
	case f.Fix.Safe:
		return "a safe " + f.Fix.Strategy
	}
	return fmt.Sprintf("%s, which assumes %q", f.Fix.Strategy, assumed(f.Fix))
}

// What a cell of the table shows.
const (
	hole   = "?"
	shown  = "x"
	reason = "-" // there is a reason
	absent = " " // the strategy does not depend on it
)

func (s *strategy) cell(obligation, kind string) string {
	switch {
	case s.shown[obligation+" "+kind]:
		return shown
	case !slices.Contains(s.proved, obligation):
		return absent
	case kind == "assumed" && !slices.Contains(fix.Assumable, obligation), kind == "refuted" && slices.Contains(doubtOnly, obligation),
		s.never[obligation] != "", s.never[obligation+" "+kind] != "":
		return reason
	}
	return hole
}

// tabulate writes the matrix: for each strategy and obligation whether it was
// shown doubtful, and whether it was shown broken.
func tabulate(table []*strategy) []byte {
	var b bytes.Buffer
	b.WriteString("For each strategy and each obligation that its edits depend on: is there a mutation\nthat makes it doubtful, and one that breaks it? x yes, - there can be none, ? missing.\n\n")
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\t%s\n", strings.Join(fix.Names, "\t"))
	for _, s := range table {
		fmt.Fprint(w, s.row())
		for _, c := range fix.Names {
			fmt.Fprintf(w, "\t%s%s", s.cell(c, "assumed"), s.cell(c, "refuted"))
		}
		fmt.Fprintln(w)
	}
	w.Flush()
	b.WriteString("\nWhy there can be none:\n")
	for _, s := range table {
		for _, verdict := range slices.Sorted(maps.Keys(s.never)) {
			fmt.Fprintf(&b, "%s: %s: %s\n", s.row(), verdict, s.never[verdict])
		}
	}
	lines := strings.Split(b.String(), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return []byte(strings.Join(lines, "\n"))
}

// compareTable holds the table to what is kept of it.
func compareTable(t *testing.T, text []byte) {
	golden := filepath.Join("testdata", "matrix", "table.txt")
	if *update {
		if err := os.WriteFile(golden, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(golden); err != nil || !bytes.Equal(text, want) {
		t.Errorf("the table is not as %s has it; -update writes it (%v)", golden, err)
	}
}
