package fix

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/lockset"
)

// spanGaps recognises a section with gaps: the lock is taken and its release
// deferred, and in between it is released and taken again, to wait. Whichever
// acquisition an operation runs under, what is deferred ahead of the first runs
// after the deferred release. The section becomes that of the first.
func (s *section) spanGaps(o *hazard.Observation) {
	var d *ast.DeferStmt
	sections := s.sectionsOf(o)
	for _, sec := range sections {
		for _, r := range sec.Releases {
			if r.Defer != nil && d != nil && r.Defer != d {
				return
			}
			if r.Defer != nil {
				d = r.Defer
			}
		}
	}
	if d == nil {
		return
	}
	at := s.u.StmtOf(d)
	for _, sec := range sections {
		p := s.u.StmtOf(sec.Acquire.Node)
		explicit := slices.ContainsFunc(sec.Releases, func(r *lockset.Release) bool { return r.Defer == nil })
		if p.Owner == at.Owner && p.Index == at.Index-1 && (len(sections) > 1 || explicit) {
			s.Section, s.defers, s.gapped = sec, d, true
		}
	}
}

// inherit makes the section of a lock that the caller took and that this
// function releases by a deferred call of its own: it begins where that is
// registered. It is nil for any other lock of the caller's.
func inherit(o *hazard.Observation) *lockset.Section {
	if o.Section != nil || o.Held.Caller == "" {
		return nil
	}
	for _, st := range o.Body.Block.List {
		d, ok := st.(*ast.DeferStmt)
		if !ok || d.Pos() > o.Op.Node.Pos() {
			continue
		}
		if fun := types.ExprString(d.Call.Fun); fun == o.Held.Expr+".Unlock" || fun == o.Held.Expr+".RUnlock" {
			change := lockset.Change{Resource: o.Held.Resource, Mode: o.Held.Mode}
			return &lockset.Section{
				Body:     o.Body,
				Acquire:  &lockset.Acquisition{Change: change, Node: d},
				Releases: []*lockset.Release{{Change: change, Node: d.Call, Defer: d}},
				Returns:  returnsOf(o.Body.Block),
				Falls:    true,
			}
		}
	}
	return nil
}

// returnsOf lists the return statements of a function.
func returnsOf(block *ast.BlockStmt) []*ast.ReturnStmt {
	var out []*ast.ReturnStmt
	ast.Inspect(block, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			out = append(out, n)
		}
		return true
	})
	return out
}

// sectionsOf lists the sections that an operation may run in.
func (s *section) sectionsOf(o *hazard.Observation) []*lockset.Section {
	var out []*lockset.Section
	for _, sec := range o.Body.Sections {
		if slices.Contains(o.Held.From, sec.Acquire) || sec.Acquire.Resource.Key() == o.Held.Key() && s.reopens(sec) {
			out = append(out, sec)
		}
	}
	return out
}

// reopens: a section of the same lock that ends in a gap or begins after one.
func (s *section) reopens(sec *lockset.Section) bool {
	return slices.ContainsFunc(sec.Releases, func(r *lockset.Release) bool { return r.Defer != nil })
}

// deferAcross plans the one edit that gaps allow: a deferred wake.
func (s *section) deferAcross() (*Plan, *Refusal) {
	last := s.obs[len(s.obs)-1]
	refusal := &Refusal{Strategy: "deferred wake", Obligation: refuted("region", "the lock is released and taken again in between", last.Op.Node)}
	if last.Op.Defer != nil {
		return nil, refusal
	}
	for _, p := range slices.Backward(s.climb(last.Op.Node)) {
		if contains(p.Stmt, s.Acquire.Node) || s.holdsGap(p.Stmt) {
			continue
		}
		plan, r := s.deferWhole(p, []ast.Stmt{p.Stmt})
		if plan != nil {
			return plan, nil
		}
		if r != nil {
			refusal = r
		}
	}
	return nil, refusal
}

// holdsGap: a statement in which the lock is released or taken does not move.
func (s *section) holdsGap(st ast.Stmt) bool {
	for _, sec := range s.Body.Sections {
		if sec.Acquire.Resource.Key() != s.Acquire.Resource.Key() {
			continue
		}
		if contains(st, sec.Acquire.Node) || slices.ContainsFunc(sec.Releases, func(r *lockset.Release) bool { return r.Defer == nil && contains(st, r.Node) }) {
			return true
		}
	}
	return false
}
