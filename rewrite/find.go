package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// A finder is the work on one package.
type finder struct {
	pkg   *summary.Package
	facts Facts
	opts  Options
	found []found
	read  int // bytes of source that checking edits has read

	now    troubles // what is wrong without any edit, reported or not
	before []wrong  // now in words; nil until it is asked for
}

// A found is an observation or a fault that a rule reports.
type found struct {
	obs     *hazard.Observation // nil for a fault
	fault   *hazard.Fault
	finding *rule.Finding
}

// node is what a finding is reported at.
func (x found) node() ast.Node {
	if x.obs != nil {
		return x.obs.Op.Node
	}
	return x.fault.Node
}

// observe lets the first rule that matches word each observation.
func (f *finder) observe() {
	for _, o := range f.now.observations {
		if o.Level < f.opts.Level {
			continue
		}
		for _, r := range f.opts.Rules {
			if r.Match == nil {
				continue
			}
			if message, ok := r.Match(o); ok {
				f.found = append(f.found, found{obs: o, finding: f.word(r, o, message)})
				break
			}
		}
	}
}

// faults lets each rule report its sorts of faults.
func (f *finder) faults() {
	for _, x := range f.now.faults {
		i := slices.IndexFunc(f.opts.Rules, func(r *rule.Rule) bool { return slices.Contains(r.Faults, x.Sort) })
		if i >= 0 && x.Level >= f.opts.Level {
			f.found = append(f.found, found{fault: x, finding: f.wordFault(f.opts.Rules[i], x)})
		}
	}
}

// wordFault makes the finding of a fault.
func (f *finder) wordFault(r *rule.Rule, x *hazard.Fault) *rule.Finding {
	src := f.pkg.Src
	out := &rule.Finding{
		Rule:     r.Name,
		Level:    x.Level,
		Message:  x.What,
		Package:  src.Path,
		Function: functionName(f.pkg, x.Body),
		Pos:      src.Position(x.Node.Pos()),
		End:      src.Position(headEnd(x.Node)),
		Resource: x.Resource,
		Notes:    frames(src, x.Chain, x.Peer),
	}
	if x.Section != nil {
		out.Acquired = src.Position(x.Section.Acquire.Node.Pos())
		out.Class = f.pkg.Class(x.Section.Acquire.Resource)
	}
	if x.Why != "" {
		out.Notes = append(out.Notes, rule.Note{Pos: out.Pos, Text: x.Why})
	}
	return out
}

// headEnd is the end of what a finding underlines: of a statement with a body
// only its head.
func headEnd(n ast.Node) token.Pos {
	switch n := n.(type) {
	case *ast.SelectStmt:
		return n.Select + token.Pos(len("select"))
	case *ast.RangeStmt:
		return n.X.End()
	case *ast.ForStmt:
		return n.For + token.Pos(len("for"))
	case *ast.IfStmt:
		return n.Cond.End()
	case *ast.GoStmt:
		return n.Go + token.Pos(len("go"))
	case *ast.FuncLit:
		return n.Type.End()
	case *ast.BlockStmt:
		return n.Rbrace + 1
	}
	return n.End()
}

// word makes the finding of an observation.
func (f *finder) word(r *rule.Rule, o *hazard.Observation, message string) *rule.Finding {
	src := f.pkg.Src
	n := o.Op.Node
	out := &rule.Finding{
		Rule:     r.Name,
		Level:    o.Level,
		Message:  message,
		Package:  src.Path,
		Function: functionName(f.pkg, o.Body),
		Pos:      src.Position(n.Pos()),
		End:      src.Position(headEnd(n)),
		Resource: o.Held.Expr,
		Class:    f.pkg.Class(o.Held.Resource),
		Mode:     "write",
	}
	if o.Held.Mode == syncapi.Read {
		out.Mode = "read"
	}
	if o.Section != nil {
		out.Acquired = src.Position(o.Section.Acquire.Node.Pos())
	}
	out.Notes = notes(src, o)
	return out
}

// notes lists the frames of a finding: who holds it, the chain of calls, the
// other side.
func notes(src *source.Package, o *hazard.Observation) []rule.Note {
	var out []rule.Note
	if o.Held.Caller != "" {
		out = append(out, rule.Note{Text: o.Held.Caller})
	}
	out = append(out, frames(src, o.Callers, nil)...)
	out = append(out, frames(src, o.Chain, o.Peer)...)
	if o.Why != "" {
		out = append(out, rule.Note{Pos: src.Position(o.Op.Node.Pos()), Text: o.Why}) // a note at the finding itself is its label
	}
	return out
}

// frames makes notes of a chain of calls and of the other side.
func frames(src *source.Package, chain, peer []hazard.Frame) []rule.Note {
	var out []rule.Note
	add := func(pos token.Pos, text string, other bool) {
		n := rule.Note{Text: text, Other: other}
		if pos.IsValid() {
			n.Pos = src.Position(pos)
		}
		out = append(out, n)
	}
	for _, fr := range chain {
		add(fr.Pos, fr.Text, false)
	}
	for i, fr := range peer {
		if i == 0 {
			fr.Text = "the other side " + fr.Text
		}
		add(fr.Pos, fr.Text, true)
	}
	return out
}

// withhold says of each finding why it has no fix: a declaration that was not
// analysed.
func (f *finder) withhold(large summary.Large) {
	pos := f.pkg.Src.Position(large.Decl.Pos())
	for _, x := range f.found {
		x.finding.Refusals = []rule.Note{{Pos: pos, Text: "the package has code that is too large to analyse: " + large.What}}
	}
}

// functionName names the function that a finding stands in.
func functionName(pkg *summary.Package, b *lockset.Body) string {
	if fd, ok := b.Decl.(*ast.FuncDecl); ok {
		name := pkg.DeclName(fd)
		if b.Obj == nil {
			name += ", function literal"
		}
		return name
	}
	return fmt.Sprintf("function literal at line %d", pkg.Src.Position(b.Fn.Pos()).Line)
}
