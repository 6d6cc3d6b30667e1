package measure

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/lockfix/lockfix/cmd/corpus/internal/clone"
	"github.com/lockfix/lockfix/cmd/corpus/internal/facts"
	"github.com/lockfix/lockfix/cmd/corpus/internal/tool"
)

// A FixRow is what became of one human fix.
type FixRow struct {
	facts.Fix
	Unloaded string // why the parent commit could not be measured; empty if it was
	Load     Loaded // how well the package loads
	Fault    string // what lockfix did wrong
	Hit      *tool.Finding
	Nearest  *tool.Finding
	Verdict  facts.Judgement
}

// Offered reports whether an edit is offered for the defect.
func (r FixRow) Offered() bool { return r.Hit != nil && r.Hit.Fix != nil }

// Fixes runs lockfix on the parent of every human fix and looks whether it names
// the defect and what edit it offers. Both diffs go to out, the tool's and the
// human's, for a person to compare.
func (b *Bench) Fixes(rows []facts.Fix, verdicts map[string]facts.Judgement, out string) ([]FixRow, error) {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, fmt.Errorf("make a directory for diffs: %w", err)
	}
	var results []FixRow
	for i, row := range rows {
		b.log("[%d/%d] %s %s %s", i+1, len(rows), row.ID, row.Repo, row.File)
		r, err := b.fix(row, out)
		if err != nil {
			return nil, fmt.Errorf("measure %s: %w", row.ID, err)
		}
		r.Verdict = verdicts[row.ID]
		results = append(results, r)
	}
	return results, nil
}

func (b *Bench) fix(row facts.Fix, out string) (FixRow, error) {
	r := FixRow{Fix: row}
	p, err := b.place(row.Repo, row.Parent, row.File)
	if err != nil {
		r.Unloaded = err.Error()
		return r, nil
	}
	if r.Load, err = p.check(); err != nil {
		r.Unloaded = err.Error()
		return r, nil
	}
	run, err := b.run(p)
	if err != nil {
		return r, err
	}
	r.Fault = run.Fault
	r.Hit, r.Nearest = hit(row, run.Report.Findings), nearest(row, run.Report.Findings)
	return r, r.writeDiffs(p, out)
}

// writeDiffs writes ID.human.diff and, where an edit is offered, ID.lockfix.diff.
func (r *FixRow) writeDiffs(p place, out string) error {
	write := func(kind, text string) error {
		name := filepath.Join(out, r.ID+"."+kind+".diff")
		if text == "" { // nothing of an earlier run may be mistaken for this one's
			return os.RemoveAll(name)
		}
		return os.WriteFile(name, []byte(text), 0o644)
	}
	human, err := p.repo.Diff(r.Parent, r.Commit, r.File)
	if err != nil {
		human = fmt.Sprintf("no diff: %v\n", err) // the fix commit may be absent; the row still counts
	}
	if err := write("human", human); err != nil {
		return err
	}
	offered, err := r.offered(p, out)
	if err != nil {
		r.Fault = err.Error()
	}
	return write("lockfix", offered)
}

// offered is the edit of the hit as a diff, below a few lines of what it claims.
func (r *FixRow) offered(p place, out string) (string, error) {
	if !r.Offered() {
		return "", nil
	}
	fix := r.Hit.Fix
	var text strings.Builder
	fmt.Fprintf(&text, "%s:%d: %s [%s]\n%s: %s\n", r.Hit.Position.File, r.Hit.Position.Line, r.Hit.Message, r.Hit.Rule, fix.Applicability, fix.Title)
	for _, o := range fix.Obligations {
		if o.Status != "proved" {
			fmt.Fprintf(&text, "%s: %s: %s\n", o.Status, o.Name, o.Reason)
		}
	}
	for _, file := range editedFiles(fix.Edits) {
		diff, err := diffOf(p.tree, file, fix.Edits, filepath.Join(out, r.ID+".after.go"))
		if err != nil {
			return "", err
		}
		text.WriteString(diff)
	}
	return text.String(), nil
}

// editedFiles lists the files of edits, each once, in the order of the edits.
func editedFiles(edits []tool.Edit) []string {
	var files []string
	seen := make(map[string]bool)
	for _, e := range edits {
		if !seen[e.File] {
			seen[e.File] = true
			files = append(files, e.File)
		}
	}
	return files
}

// diffOf is what the edits do to one file of a tree; scratch is a file for the
// edited text, removed again.
func diffOf(tree, file string, edits []tool.Edit, scratch string) (string, error) {
	before := filepath.Join(tree, filepath.FromSlash(file))
	src, err := os.ReadFile(before)
	if err != nil {
		return "", fmt.Errorf("read the edited file: %w", err)
	}
	var own []tool.Edit
	for _, e := range edits {
		if e.File == file {
			own = append(own, e)
		}
	}
	after, err := tool.Apply(src, own)
	if err != nil {
		return "", fmt.Errorf("apply the offered edit: %w", err)
	}
	if err := os.WriteFile(scratch, after, 0o600); err != nil {
		return "", fmt.Errorf("write the edited file: %w", err)
	}
	defer os.Remove(scratch)
	return clone.DiffFiles(before, scratch, file)
}
