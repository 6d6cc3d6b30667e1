package fix

import (
	"go/ast"

	"github.com/lockfix/lockfix/rewrite/hazard"
)

// deferStarted defers the end at the start of the goroutine that alone has it.
//
//	x := F(); go func() { A }()  =>  x := F(); go func() { defer x.Stop(); A }()
//
// so long as the goroutine gives it to nobody.
func deferStarted(f *hazard.Fault) (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) {
		return nil, &Refusal{Strategy: "defer in the goroutine", Obligation: o}
	}
	g, o := guardCase(f)
	if o != nil {
		return refuse(*o)
	}
	lit := f.Spots[1].(*ast.FuncLit)
	g.fn = lit // the goroutine has it
	if why, at := g.handedOut(); why != "" {
		return refuse(refuted("once", why, at))
	}
	plan := g.plan("defer in the goroutine", "defer "+g.text()+" in the goroutine", []Obligation{
		proved("region", "the deferred call is registered before any path leaves"),
		proved("once", "the goroutine alone has it, and ending it twice is ending it once"),
		proved("defer", "it is in no loop"),
	})
	plan.Steps = []Step{Insert{At: Place{Before: lit.Body.List[0]}, Code: Code{Text: "defer " + g.text()}}}
	return plan, nil
}

// deferStop defers the end of a timer right behind where it is made.
//
//	t := NewTimer(d); A  =>  t := NewTimer(d); defer t.Stop(); A
//
// so long as nobody but this function has it, which the detector has seen; it is
// made in no loop; and stopping it twice is stopping it once.
func deferStop(f *hazard.Fault) (*Plan, *Refusal) {
	as := f.Spots[0].(*ast.AssignStmt)
	s := &section{pkg: f.Pkg, u: f.Pkg.Uses, info: f.Pkg.Src.Info}
	if s.u.StmtOf(as).Stmt != ast.Stmt(as) {
		return nil, &Refusal{Strategy: "defer", Obligation: refuted("region", "it is no statement of its own", as)}
	}
	return &Plan{
		Strategy: "defer", Title: "defer " + f.Resource + ".Stop() right behind it", Decl: s.u.Decl(as),
		Obligations: []Obligation{
			proved("region", "the deferred call is registered before any path leaves"),
			proved("once", "nobody else has it, and stopping it twice is stopping it once"),
			proved("defer", "it is in no loop"),
		},
		Steps: []Step{Insert{At: Place{After: as}, Code: Code{Text: "defer " + f.Resource + ".Stop()"}}},
	}, nil
}
