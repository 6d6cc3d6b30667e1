package duty

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"
)

// A Code is one function body, ready to be walked. What does not depend on the duty
// is made once: a body may be walked for several.
type Code struct {
	Info      *types.Info
	Block     *ast.BlockStmt
	Parent    func(ast.Node) ast.Node
	MayReturn func(*ast.CallExpr) bool
	Recovers  bool  // a deferred call makes a return of a panic
	Memo      *Memo // nil: each walk is taken

	graph     *graph       // made by the first walk
	seen      map[key]bool // by the last walk
	ending    string       // see endings
	readings  map[ast.Node]*reading
	spellings map[ast.Expr]spelling
	cases     map[ast.Expr]*ast.BinaryExpr // conditions of clauses
}

// A Duty is what must be ended once it was begun.
type Duty struct {
	Begin    ast.Node          // the call, send or receive that begins it, or the variable that a range draws
	Entry    bool              // it is begun where the body starts; Begin stands elsewhere
	Fallible bool              // Begin says by its last result, an error or a bool, whether it has begun
	Ends     []ast.Node        // calls, sends and receives that end it
	Defers   []*ast.DeferStmt  // statements that register a call that ends it
	Gives    []*ast.FuncLit    // literals that end it when they run, elsewhere
	Values   []*types.Var      // variables that hold what is to be ended, from Begin on
	Field    string            // the field of the value that is to be ended: Body; "" for the value itself
	Wrapped  bool              // the values hold it somewhere inside: what their methods do to it is not followed
	Closes   func(string) bool // whether a method of the value, by its name, ends it
	Deadline types.Object      // a context, variable or field, that has a deadline from Begin on; nil if none
	Hits     []ast.Node        // nodes that must not be met while it is begun
	Inverse  bool              // the deferred calls must not run while it is begun
}

// A Kind says how a path leaves a duty behind.
type Kind uint8

const (
	Exit   Kind = iota // it returns, or falls off the end of the body
	Panic              // it panics, and the body recovers
	Again              // it begins it again
	Nested             // it begins it again, and a deferred call will end it only at the exit
	Lost               // it overwrites the last variable that holds it
	Hit                // it meets one of the Hits
)

// A Leak is a place where a path leaves a duty behind.
type Leak struct {
	Kind Kind
	At   ast.Node // the return, panic, continue or assignment; the body's block for its end; Begin for Again without a continue
	Must bool     // every path that comes by there leaves it behind
	Took ast.Stmt // the statement by which the variable took it that the path drops; nil: it has it from Begin
}

// Leaks finds the places where a duty is left behind, in source order.
func Leaks(c *Code, d *Duty) []Leak { return c.Memo.leaks(c, d) }

func leaks(c *Code, d *Duty) []Leak {
	w := newWalk(c, d)
	if !w.run() {
		return nil
	}
	for i, l := range w.leaks {
		w.leaks[i].Must = !w.clean[l.At]
	}
	slices.SortFunc(w.leaks, func(a, b Leak) int {
		return cmp.Or(cmp.Compare(a.At.Pos(), b.At.Pos()), cmp.Compare(a.Kind, b.Kind))
	})
	return w.leaks
}

// Always reports whether every path that leaves the body has ended the duty; false
// where there are too many to tell.
func Always(c *Code, d *Duty) bool {
	w := newWalk(c, d)
	return w.run() && len(w.leaks) == 0
}

func contains(outer, inner ast.Node) bool {
	return outer.Pos() <= inner.Pos() && inner.End() <= outer.End()
}

func containsAny[N ast.Node](outer ast.Node, inner []N) bool {
	return slices.ContainsFunc(inner, func(n N) bool { return contains(outer, n) })
}
