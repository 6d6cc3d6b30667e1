package splice

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"strings"
	"unicode"

	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/source"
)

// A Result is a file after a plan was carried out on it.
type Result struct {
	Edits   []edit.Edit // from the old content to the new: whole lines, as few as possible
	Content []byte
}

// Refused says why a plan that is right cannot be carried out on a text as it
// stands, or that the result broke a promise. It costs the edit, never the
// report.
type Refused struct{ Reason string }

func (r *Refused) Error() string { return r.Reason }

func refuse(format string, args ...any) error {
	return &Refused{Reason: fmt.Sprintf(format, args...)}
}

// Do carries out what the plan does in file f of package p, in one declaration
// or in several, and checks the result: see the package documentation for what is
// promised. Whether the result type-checks is for the caller to find out.
func Do(p *source.Package, f *source.File, plan *fix.Plan) (res Result, err error) {
	defer func() {
		// dst panics on trees that it cannot print.
		if r := recover(); r != nil {
			res, err = Result{}, refuse("carrying out the plan: %v", r)
		}
	}()
	if f.ReadOnly != "" {
		return Result{}, refuse("the file is not to be edited: %s", f.ReadOnly)
	}
	t := newText(f.Content)
	parts := within(f, plan)
	if len(parts) == 0 {
		return Result{}, refuse("the declaration is not one of this file")
	}
	edits, err := importEdits(p, f, t, parts)
	if err != nil {
		return Result{}, err
	}
	changed := map[ast.Decl]*declaration{}
	for _, part := range parts {
		where, err := locate(p, f, part.Decl, t)
		if err != nil {
			return Result{}, err
		}
		d, err := change(part, t.lf[where.lo:where.hi])
		if err != nil {
			return Result{}, err
		}
		changed[part.Decl] = d
		edits, err = edit.Merge(edits, []edit.Edit{{Start: where.lo, End: where.hi, New: string(d.text)}})
		if err != nil {
			return Result{}, err
		}
	}
	out, err := edit.Apply(t.lf, edits)
	if err != nil {
		return Result{}, err
	}
	out, settled, err := settle(t.lf, out)
	if err != nil {
		return Result{}, err
	}
	res.Edits = t.edits(edit.Difference(t.lf, out))
	if res.Content, err = edit.Apply(f.Content, res.Edits); err != nil {
		return Result{}, err
	}
	if err := audit(f, t, changed, res.Content, settled); err != nil {
		return Result{}, err
	}
	return res, nil
}

// within returns the parts of a plan that are in a file.
func within(f *source.File, plan *fix.Plan) []fix.Part {
	var parts []fix.Part
	for _, part := range plan.Parts() {
		if owns(f.Syntax, part.Decl) {
			parts = append(parts, part)
		}
	}
	return parts
}

// A declaration is one that a plan changes, in the forms it goes through.
type declaration struct {
	formatted []byte // the old one as gofmt prints it
	changed   []byte // the same after the steps
	text      []byte // the old one, where it changed as in changed
	tree      *tree
	more      int // declarations that it was split into, but for one
}

// change carries out the steps on the text of the declaration.
func change(plan fix.Part, old []byte) (*declaration, error) {
	formatted, err := formatDecl(old)
	if err != nil {
		return nil, refuse("the declaration does not parse: %v", err)
	}
	t, err := newTree(plan.Decl, formatted)
	if err != nil {
		return nil, err
	}
	for i, step := range plan.Steps {
		if err := t.do(step); err != nil {
			return nil, fmt.Errorf("step %d, %T: %w", i+1, step, err)
		}
	}
	changed, err := t.print()
	if err != nil {
		return nil, err
	}
	text, err := carry(old, formatted, changed)
	if err != nil {
		return nil, err
	}
	return &declaration{formatted, changed, text, t, len(t.dst.Decls) - 1}, nil
}

// settle formats the new file if the old one was: one-line functions that stand next
// to each other are aligned with each other, so a change to one can move the white
// space in its neighbours. Nothing else may happen, and it must be over with that. It
// reports whether anything happened.
func settle(old, out []byte) (_ []byte, settled bool, err error) {
	text, err := format.Source(out)
	if err != nil {
		if _, err := format.Source(old); err != nil {
			return nil, false, refuse("the file does not parse: %v", err)
		}
		return nil, false, refuse("the result does not parse: %v", err)
	}
	if bytes.Equal(text, out) || !formatted(old) {
		return out, false, nil
	}
	if squash(text) != squash(out) || !formatted(text) {
		return nil, false, refuse("formatting the result changes more than white space")
	}
	return text, true, nil
}

func formatted(text []byte) bool {
	out, err := format.Source(text)
	return err == nil && bytes.Equal(out, text)
}

// squash drops all white space.
func squash(text []byte) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, string(text))
}
