package lockset

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// operands evaluates the function and the arguments of a call.
func (w *walker) operands(call *ast.CallExpr, s State) State {
	if _, ok := ast.Unparen(call.Fun).(*ast.FuncLit); !ok {
		s = w.expr(call.Fun, s)
	}
	return w.exprs(call.Args, s)
}

// call does what a call does, its operands evaluated already.
func (w *walker) call(call *ast.CallExpr, s State) State {
	if tv, ok := w.env.Info.Types[call.Fun]; ok && tv.IsType() {
		return s // a conversion
	}
	if lit, ok := w.literal(call.Fun); ok {
		return w.inPlace(lit, s)
	}
	w.op(call, s)
	eff, changes := w.effects(call)
	for _, i := range eff.InPlace {
		if i < len(call.Args) {
			s = w.sometimes(call, call.Args[i], eff.Once, s)
		}
	}
	for i, arg := range call.Args {
		if lit, ok := w.literal(arg); ok && !slices.Contains(eff.InPlace, i) {
			s = w.hand(lit, s)
		}
	}
	return w.apply(call, changes, s)
}

// effects looks up what a call does, stored functions included: unlock() after
// unlock := s.lock(), or s.lock()().
func (w *walker) effects(call *ast.CallExpr) (Effect, []Change) {
	fun := ast.Unparen(call.Fun)
	if id, ok := fun.(*ast.Ident); ok {
		if v, _ := w.env.Info.Uses[id].(*types.Var); v != nil {
			if def, ok := w.env.Namer.Def(v); ok {
				return w.stored(ast.Unparen(def), v)
			}
		}
	}
	if inner, ok := fun.(*ast.CallExpr); ok {
		return Effect{}, w.env.Effect(inner.Fun, inner.Args).Results[0]
	}
	eff := w.env.Effect(fun, call.Args)
	return eff, eff.Changes
}

// stored is the effect of calling a variable whose one value is known.
func (w *walker) stored(def ast.Expr, v *types.Var) (Effect, []Change) {
	switch def := def.(type) {
	case *ast.CallExpr:
		results := w.env.Effect(def.Fun, def.Args).Results
		if sig, ok := w.env.Info.TypeOf(def).(*types.Tuple); ok {
			for i := range sig.Len() {
				if types.Identical(sig.At(i).Type(), v.Type()) && len(results[i]) > 0 {
					return Effect{}, results[i]
				}
			}
		}
		return Effect{}, results[0]
	case *ast.SelectorExpr: // a method value
		eff := w.env.Effect(def, nil)
		return eff, eff.Changes
	}
	return Effect{}, nil
}

// apply does the changes of one node in order.
func (w *walker) apply(node ast.Node, changes []Change, s State) State {
	if s.dead {
		return s
	}
	for _, c := range changes {
		switch c.Kind {
		case syncapi.Acquire:
			s = s.acquire(w.out.acquisition(node, c, w.lits), true, nil)
		case syncapi.Try:
			s = s.acquire(w.out.acquisition(node, c, w.lits), false, nil)
		case syncapi.Release:
			if _, held := s.Find(c.Resource.key); c.Once && !held {
				continue
			}
			w.record(func(r *recorder) { r.release(node, c, s, w.deferred, w.lits) })
			s = s.release(c.Resource)
		}
	}
	return s
}

// inPlace runs a literal where it stands.
func (w *walker) inPlace(lit *ast.FuncLit, s State) State {
	if s.dead || slices.Contains(w.running, lit) {
		return s
	}
	w.ranTwice(lit)
	w.inner[lit] = true
	w.record(func(r *recorder) { r.inner(lit) })
	w.running = append(w.running, lit)
	lits := w.lits
	w.lits = append(lits[:len(lits):len(lits)], lit)
	s = w.run(lit.Body, s)
	w.lits = lits
	w.running = w.running[:len(w.running)-1]
	return s
}

// sometimes runs a function argument any number of times, under a sync.Once
// when there is one.
func (w *walker) sometimes(call *ast.CallExpr, arg ast.Expr, once *Resource, s State) State {
	lit, ok := w.literal(arg)
	if !ok {
		return s
	}
	before := s
	if once != nil {
		if _, runs := s.Find(once.key); runs {
			once = nil // it waits for itself here, and ends where the outer one does
		}
	}
	if once != nil {
		c := Change{Kind: syncapi.Acquire, Resource: *once}
		s = s.acquire(w.out.acquisition(call, c, w.lits), true, nil)
	}
	after := w.inPlace(lit, s)
	if once != nil {
		after = after.release(*once)
	}
	return join(before, after)
}
