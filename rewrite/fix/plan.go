package fix

import "go/ast"

// A Status says how well an obligation is known to hold.
type Status uint8

const (
	Proved  Status = iota
	Assumed        // plausible; the fix is unsafe and the report names it
	Refuted        // broken; there is no fix
)

// An Obligation is one condition under which an edit keeps the program's
// meaning, by its name in the catalogue, and how it was judged.
type Obligation struct {
	Name   string
	Status Status
	Reason string   // why, in a few words
	At     ast.Node // the place that decided; may be nil
}

// A Plan is one edit of one critical section: what to do and why it is right.
// It is a value; package splice carries it out.
type Plan struct {
	Strategy    string // "take", "clone", "gather", "move", ...
	Title       string // advice, imperative: "take s.waiters, unlock, then send"
	Obligations []Obligation
	Decl        ast.Decl // the top-level declaration that the steps are in
	Steps       []Step   // carried out in order
	Imports     []string // paths that the new code needs: "slices", "maps"
	Also        []Part   // what it does in other declarations of the package
}

// Strategies are the names of all strategies: those for what runs in a section
// first, best first.
var Strategies = []string{
	"move", "take", "clone", "gather", "deferred wake", "defer first", "section as a literal", "batch",
	"unlock around", "release earlier", handUpName,
	"twin", "read itself", "call before", splitName, "call after", "swap",
	"release before leaving", "defer", "release on error", "same mode", "unlock instead", "copy the token",
	"wait again", "signal", "write before", "give up", "check the error",
	"create later", "name and defer", "name and call", "end before leaving", "defer in the goroutine", "cancel the group",
	"add capacity", "wait behind the loop", "drain what is there",
}

// A Part is what a plan does in one top-level declaration.
type Part struct {
	Decl    ast.Decl
	Steps   []Step
	Imports []string
}

// Parts lists what a plan does, declaration by declaration. All of it is done or
// nothing.
func (p *Plan) Parts() []Part {
	return append([]Part{{p.Decl, p.Steps, p.Imports}}, p.Also...)
}

// Safe reports whether every obligation is proved.
func (p *Plan) Safe() bool {
	for _, o := range p.Obligations {
		if o.Status != Proved {
			return false
		}
	}
	return true
}

// A Refusal says why there is no plan.
type Refusal struct {
	Strategy   string
	Obligation Obligation
	Others     []Refusal // of other forms that the edit could have had
}

// A Step is one change of the syntax tree: [Delete], [Insert], [Move],
// [Replace], [ReplaceStmt], [Undefer], [Enclose], [Yield] or [Split].
type Step interface{ isStep() }

// A Place is a point in a statement list.
type Place struct {
	Before ast.Stmt       // just before this statement, comments that lead it stay with it
	After  ast.Stmt       // or just after this one
	End    *ast.BlockStmt // or at the end of this block
}

// Code is new source text with holes. Text holds statements (Insert) or an
// expression (Replace); an identifier _1_, _2_, ... in it stands for a copy of
// Args[0], Args[1], ..., which are expressions of the original file, copied
// without their comments. An argument that a Replace step of the same plan
// has changed is copied as it then is.
type Code struct {
	Text string
	Args []ast.Expr
}

// Delete removes a statement. Its comments stay where it was; a comment that
// trails it on its own line goes with it only if Drop is set.
type Delete struct {
	Stmt ast.Stmt
	Drop bool
}

// Insert puts new statements at a place.
type Insert struct {
	At Place
	Code
}

// Move takes statements, neighbours in one list or not, and puts them, in the
// given order and with their comments, at a place.
type Move struct {
	Stmts []ast.Stmt
	At    Place
}

// Replace puts a new expression where an old one was.
type Replace struct {
	Old ast.Expr
	Code
}

// ReplaceStmt puts new statements where an old one was; the comments of the
// old one lead and trail them.
type ReplaceStmt struct {
	Old ast.Stmt
	Code
}

// Undefer turns a deferred call into a plain one at a place: its comments go
// along with it.
type Undefer struct {
	Defer *ast.DeferStmt
	At    Place
}

// Enclose wraps the statements First to Last of one list into the block of a
// statement given as text, in which the identifier statement _body_ stands for
// them: "func() {\n_body_\n}()", "if ok {\n_body_\n}".
type Enclose struct {
	First, Last ast.Stmt
	Code
}

// Yield gives a function without results results, as Text spells them: "(wake
// []chan int)". To return them is for other steps.
type Yield struct {
	Fn   *ast.FuncDecl
	Text string
}

// Split makes two functions of one: what stands behind the statement After of its
// body becomes the body of a new function, which is declared right below it, and
// Code takes its place. A statement Until, if there is one, and what follows it
// stay. Name is how the new function is called, and Head spells it, with its comment
// and an empty body.
type Split struct {
	After, Until ast.Stmt
	Name, Head   string
	Code
}

func (Delete) isStep()      {}
func (Insert) isStep()      {}
func (Move) isStep()        {}
func (Replace) isStep()     {}
func (ReplaceStmt) isStep() {}
func (Undefer) isStep()     {}
func (Enclose) isStep()     {}
func (Yield) isStep()       {}
func (Split) isStep()       {}
