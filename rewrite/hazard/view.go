package hazard

import (
	"go/ast"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// longWay is for a test that compares: nothing is passed over that was seen not to
// matter.
var longWay bool

// A view is a package with what several detectors look for in it: each is found
// once, when the first of them asks.
type view struct {
	*summary.Package
	listed   []listed
	walked   bool
	tokens   []*envelope
	opened   bool
	ignored  []*Fault
	judged   bool
	contexts map[*types.Var]*types.Var
	lasts    map[*lockset.Body][]end
	looks    []looking
	looked   bool
}

func newView(p *summary.Package) *view {
	return &view{Package: p, lasts: map[*lockset.Body][]end{}}
}

// A listed is a node of a body.
type listed struct {
	body *lockset.Body
	node ast.Node
}

// nodes lists the assignments, specifications of variables, range statements and
// composite literals of all bodies, in the order of the walk; of literals those
// that run in place are part of the body that they stand in.
func (v *view) nodes() []listed {
	if v.walked {
		return v.listed
	}
	v.walked = true
	for _, b := range v.Bodies() {
		ast.Inspect(b.Block, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return b.Inner[n]
			case *ast.AssignStmt, *ast.ValueSpec, *ast.RangeStmt, *ast.CompositeLit:
				v.listed = append(v.listed, listed{b, n})
			}
			return true
		})
	}
	return v.listed
}

// A looking is a receive from an ending, in a body.
type looking struct {
	body *lockset.Body
	at   ending
}

// endings lists the receives from endings, in the order of the bodies.
func (v *view) endings() []looking {
	if v.looked {
		return v.looks
	}
	v.looked = true
	for _, b := range v.Bodies() {
		for _, op := range b.Ops {
			for _, n := range comms(op.Node) {
				if u, ok := n.(*ast.UnaryExpr); ok {
					if e, ok := endingOf(v.Package, u); ok {
						v.looks = append(v.looks, looking{b, e})
					}
				}
			}
		}
	}
	return v.looks
}

// envelopes lists the types with a token.
func (v *view) envelopes() []*envelope {
	if !v.opened {
		v.tokens, v.opened = envelopes(v.Package), true
	}
	return v.tokens
}

// ignoredContexts lists the operations that wait on in spite of a context.
func (v *view) ignoredContexts() []*Fault {
	if !v.judged {
		v.ignored, v.judged = ignoredContexts(v.Package), true
	}
	return v.ignored
}

// lastsOf lists what a body ends when it is through.
func (v *view) lastsOf(b *lockset.Body) []end {
	out, ok := v.lasts[b]
	if !ok {
		out = lastsOf(v.Package, b)
		v.lasts[b] = out
	}
	return out
}

// cancels maps the fields that hold a cancel function to the field of its context.
func (v *view) cancels() map[*types.Var]*types.Var {
	if v.contexts == nil {
		v.contexts = cancels(v.Package)
	}
	return v.contexts
}
