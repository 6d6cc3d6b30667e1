package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"go/version"
	"slices"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// waitBehind moves a wait behind the loop that starts what it waits for.
//
//	for … { …; go f(); wg.Wait() }  =>  for … { …; go f() }; wg.Wait()
//
// so long as
//
//   - the wait is the last statement of a turn (trailing);
//   - nothing leaves the loop but its end or a break out of it (region);
//   - the goroutine has variables of its own turn (operands);
//   - the goroutines cope with running beside each other: assumed, unless the
//     first wait never returned, so that one that works was never relied on
//     (exclusion).
func waitBehind(f *hazard.Fault) (*Plan, *Refusal) {
	u := f.Pkg.Uses
	wait, loop := f.Spots[0], f.Spots[1].(ast.Stmt)
	refuse := func(name, why string, at ast.Node) (*Plan, *Refusal) {
		return nil, &Refusal{Strategy: "wait behind the loop", Obligation: refuted(name, why, at)}
	}
	at, around := u.StmtOf(wait), u.StmtOf(loop)
	if _, ok := at.Stmt.(*ast.ExprStmt); !ok {
		return refuse("region", "the wait is no statement of its own", wait)
	}
	if rest := at.Rest(); len(rest) > 0 {
		return refuse("trailing", "the turn goes on behind the wait", rest[0])
	}
	if leave := leavesLoop(u, loop); leave != nil {
		return refuse("region", "this leaves without the wait", leave)
	}
	if v := sharedVariable(f, loop); v != nil {
		return refuse("operands", "before Go 1.22 all turns share "+v.Name()+", which the goroutine reads", loop)
	}
	if v := answersLoop(f, loop); v != nil {
		return refuse("exclusion", "a turn reads "+v.Name()+", which the goroutine of the one before writes", loop)
	}
	exclusion := assumed("exclusion", "the goroutines now run beside each other", loop)
	if f.Level == hazard.Deadlock {
		exclusion = proved("exclusion", "a second goroutine was never started")
	}
	return &Plan{
		Strategy: "wait behind the loop", Title: "wait for " + f.Resource + " behind the loop", Decl: u.Decl(wait),
		Obligations: []Obligation{proved("region", "the loop has one way out"), proved("trailing", "nothing follows it in a turn"), exclusion},
		Steps:       []Step{Move{Stmts: []ast.Stmt{at.Stmt}, At: Place{After: around.Stmt}}},
	}, nil
}

// answersLoop returns a variable that a literal in a loop writes, and the loop reads
// outside of its literals: one turn waits for what the one before has found.
func answersLoop(f *hazard.Fault, loop ast.Stmt) (found *types.Var) {
	u, here := f.Pkg.Uses, f.Pkg.Uses.Enclosing(loop)
	ast.Inspect(loop, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || found != nil || u.Enclosing(id) != here {
			return found == nil
		}
		v, ok := f.Pkg.Src.Info.Uses[id].(*types.Var)
		if ok && slices.ContainsFunc(u.Writes(v), func(w uses.Write) bool {
			return w.Fn != here && w.Kind != uses.Init && w.Kind != uses.Method && w.Kind != uses.AddressTaken && loop.Pos() < w.Node.Pos() && w.Node.End() <= loop.End()
		}) {
			found = v
		}
		return found == nil
	})
	return found
}

// sharedVariable returns a variable of the loop that a literal in it reads, where
// there is one variable for all turns: before Go 1.22.
func sharedVariable(f *hazard.Fault, loop ast.Stmt) (shared *types.Var) {
	file := f.Pkg.Src.File(loop.Pos())
	if file != nil && file.GoVersion != "" && version.Compare(file.GoVersion, "go1.22") >= 0 {
		return nil
	}
	info := f.Pkg.Src.Info
	ast.Inspect(loop, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return shared == nil
		}
		v, ok := info.Uses[id].(*types.Var)
		if ok && loop.Pos() < v.Pos() && v.Pos() < bodyOf(loop).Pos() && f.Pkg.Uses.Enclosing(id) != f.Pkg.Uses.Enclosing(loop) {
			shared = v
		}
		return shared == nil
	})
	return shared
}

func bodyOf(loop ast.Stmt) *ast.BlockStmt {
	switch loop := loop.(type) {
	case *ast.ForStmt:
		return loop.Body
	case *ast.RangeStmt:
		return loop.Body
	}
	return nil
}

// leavesLoop returns what leaves a loop for somewhere else than right behind it.
func leavesLoop(u *uses.Index, loop ast.Stmt) ast.Node {
	var found ast.Node
	if f, ok := loop.(*ast.ForStmt); ok && f.Cond == nil && !breaks(u, loop) {
		return loop // it never ends
	}
	ast.Inspect(loop, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			found = n
		case *ast.BranchStmt:
			if n.Label != nil || n.Tok == token.GOTO {
				found = n
			}
		}
		return found == nil
	})
	return found
}

// breaks reports whether a loop has a break of its own.
func breaks(u *uses.Index, loop ast.Stmt) bool {
	found := false
	ast.Inspect(loop, func(n ast.Node) bool {
		b, ok := n.(*ast.BranchStmt)
		if !ok || b.Tok != token.BREAK || b.Label != nil {
			return true
		}
		for up := u.Parent(b); up != nil; up = u.Parent(up) {
			switch up.(type) {
			case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
				return true
			case *ast.ForStmt, *ast.RangeStmt:
				found = found || up == loop
				return true
			}
		}
		return true
	})
	return found
}

// drainMaybe takes what the timer sent, if anything.
//
//	<-t.C  =>  select { case <-t.C: default: }
//
// so long as nobody uses the time that is received. Behind a Stop that failed,
// what the timer sends has been sent: where the receive would have found
// something, the select does (once).
func drainMaybe(f *hazard.Fault) (*Plan, *Refusal) {
	u := f.Pkg.Uses
	recv := f.Spots[0].(*ast.UnaryExpr)
	st := u.StmtOf(recv).Stmt
	if !isAlone(u, recv, st) {
		return nil, &Refusal{Strategy: "drain what is there", Obligation: refuted("results", "the time that is received is used", recv)}
	}
	return &Plan{
		Strategy: "drain what is there", Title: "receive from " + f.Resource + ".C only what is there", Decl: u.Decl(recv),
		Obligations: []Obligation{proved("once", "behind a failed Stop the timer has sent"), proved("results", "nobody uses the time")},
		Steps:       []Step{ReplaceStmt{Old: st, Code: Code{Text: "select {\ncase <-_1_:\ndefault:\n}", Args: []ast.Expr{recv.X}}}},
	}, nil
}
