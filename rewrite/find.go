package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"

	"github.com/lockfix/lockfix/rewrite/hazard"
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
}

// A found is an observation that a rule reports.
type found struct {
	obs     *hazard.Observation
	finding *rule.Finding
}

// observe lets the first rule that matches word each observation.
func (f *finder) observe() {
	for _, o := range hazard.Observe(f.pkg) {
		if o.Level < f.opts.Level {
			continue
		}
		for _, r := range f.opts.Rules {
			if message, ok := r.Match(o); ok {
				f.found = append(f.found, found{o, f.word(r, o, message)})
				break
			}
		}
	}
}

// word makes the finding of an observation.
func (f *finder) word(r *rule.Rule, o *hazard.Observation, message string) *rule.Finding {
	src := f.pkg.Src
	n := o.Op.Node
	end := n.End()
	switch n := n.(type) {
	case *ast.SelectStmt:
		end = n.Select + token.Pos(len("select"))
	case *ast.RangeStmt:
		end = n.X.End()
	}
	out := &rule.Finding{
		Rule:     r.Name,
		Level:    o.Level,
		Message:  message,
		Package:  src.Path,
		Function: functionName(f.pkg, o),
		Pos:      src.Position(n.Pos()),
		End:      src.Position(end),
		Resource: o.Held.Expr,
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
	add := func(pos token.Pos, text string) {
		n := rule.Note{Text: text}
		if pos.IsValid() {
			n.Pos = src.Position(pos)
		}
		out = append(out, n)
	}
	if o.Held.Caller != "" {
		add(token.NoPos, o.Held.Caller)
	}
	for _, fr := range o.Chain {
		add(fr.Pos, fr.Text)
	}
	for _, fr := range o.Peer {
		add(fr.Pos, "the other side "+fr.Text)
	}
	if o.Why != "" {
		add(token.NoPos, o.Why)
	}
	return out
}

// functionName names the function that an observation stands in.
func functionName(pkg *summary.Package, o *hazard.Observation) string {
	if fd, ok := o.Body.Decl.(*ast.FuncDecl); ok {
		name := pkg.DeclName(fd)
		if o.Body.Obj == nil {
			name += ", function literal"
		}
		return name
	}
	return fmt.Sprintf("function literal at line %d", pkg.Src.Position(o.Body.Fn.Pos()).Line)
}
