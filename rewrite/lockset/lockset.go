package lockset

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// A Sort tells the sorts of resources apart.
type Sort uint8

const (
	Lock      Sort = iota // sync.Mutex, sync.RWMutex, sync.Locker, anything with Lock and Unlock
	Semaphore             // semaphore.Weighted and its like
	ChanSem               // a channel used as a semaphore
	Token                 // a value with Release that a call handed out
	OnceLock              // sync.Once while its function runs
)

// IsToken reports whether resources of the sort are tokens rather than locks.
func (s Sort) IsToken() bool { return s == Semaphore || s == ChanSem || s == Token }

// A Resource is something held and released, named by the object it starts at
// and the fields that lead from there. Two resources are the same when their
// keys are: one path of one variable is one object as long as Stable holds.
type Resource struct {
	Sort   Sort
	Root   types.Object // variable, parameter, receiver or package-level variable; nil if none
	Fields []*types.Var // selected in order, embedded ones included, generic origins
	Index  string       // text of an index that the path runs through, "" if none
	Expr   string       // as a person writes it: "s.mu", for a promoted lock "s"
	Stable bool         // false: the path runs through an index, a call or a reassigned variable
	key    string
}

// Key identifies the resource within its package.
func (r Resource) Key() string { return r.key }

// Field is what stands for the resource in all instances of its type: the last
// field of the path, or the variable itself. It is nil for a resource without a
// name.
func (r Resource) Field() types.Object {
	if n := len(r.Fields); n > 0 {
		return r.Fields[n-1]
	}
	return r.Root
}

// A Change is what a call does to one resource, in its caller's terms.
type Change struct {
	Kind     syncapi.Kind // Acquire, Try or Release
	Resource Resource
	Mode     syncapi.Mode
	Fallible bool        // Acquire: an error result says that it is not held; Try: so does a false one
	Count    ast.Expr    // how many, for a weighted semaphore; nil otherwise
	Via      *types.Func // the helper that does it for its caller; nil if direct
	Once     bool        // Release: it does nothing the second time
}

// An Effect is what a call does as far as lock sets care.
type Effect struct {
	Changes  []Change           // in order
	InPlace  []int              // arguments that are functions run before the call returns
	Once     *Resource          // held while the InPlace functions run: a sync.Once
	Results  map[int][]Change   // what calling the i-th result does: returned unlock functions
	Handles  map[int][]Resource // what the i-th result is that is held: only the sort counts
	NoReturn bool
}

// A Held is one resource in a State.
type Held struct {
	Resource
	Mode   syncapi.Mode
	Must   bool           // on every path; otherwise on some
	From   []*Acquisition // where it was acquired, in source order; none if the caller holds it
	Caller string         // why the caller is taken to hold it: "its name ends in Locked", or that it got back what was released; "" if it does not

	guard *types.Var                        // the result that says whether it is held, while that is untested
	ends  map[*Acquisition][]*ast.DeferStmt // by place: registered wherever it is held from there
}

// Sure reports whether what the state says of a resource was seen. It was not
// where a helper acquires on some paths only, and its result is taken to tell; nor
// where a helper returns something, by which it may be released.
func (h Held) Sure() bool {
	return h.Must && !slices.ContainsFunc(h.From, func(a *Acquisition) bool {
		return a.Via != nil && (a.Fallible || a.Via.Signature().Results().Len() > 0)
	})
}

// An Acquisition is one place where a resource is acquired.
type Acquisition struct {
	Change
	Node ast.Node // the call, send or receive that acquires
}

// A Release is one place where a resource is given back.
type Release struct {
	Change
	Node  ast.Node       // the call, receive or send that releases
	Defer *ast.DeferStmt // the statement that registered it; nil if it is explicit
	Lits  []*ast.FuncLit // literals run in place that it stands in, outermost first
}

// A Section is a critical section: one acquisition and the releases that can
// end it, all in one body.
type Section struct {
	Body     *Body
	Acquire  *Acquisition
	Lits     []*ast.FuncLit    // literals run in place that the acquisition stands in
	Releases []*Release        // explicit and deferred, in source order
	Returns  []*ast.ReturnStmt // reached while it is held; falling off the end is not among them
	Falls    bool              // the end of the body is reached while it is held
	Leaks    bool              // some exit leaves it held and no deferred release ends it
	Mixed    bool              // a release of it may also end another acquisition
	Ops      []*Op             // operations while it may be held, in source order
}

// A Body is one analysed function body: a declaration or a literal that is not
// run in place. Literals that run in place are part of the body they run in.
type Body struct {
	Fn       ast.Node    // *ast.FuncDecl or *ast.FuncLit
	Obj      *types.Func // nil for a literal
	Decl     ast.Decl    // the top-level declaration that Fn stands in or is
	Block    *ast.BlockStmt
	Entry    []Held // held at its start: by the caller, or a token handed to a goroutine
	Spawned  bool   // a literal started by a go statement
	Ops      []*Op  // in source order
	Sections []*Section
	Exit     State                 // what is held when it returns, deferred calls done
	Exits    []Exit                // the same by return statement, in source order
	Inner    map[*ast.FuncLit]bool // literals run in place

	writes map[ast.Node]State // before each assignment
	bare   []ast.Node         // assignments before which nothing is held, where they are not among the others
}

// An Exit is one way out of a body.
type Exit struct {
	At    ast.Node // *ast.ReturnStmt; the body's block stands for its end
	State State
}

// ExitAt returns the state at an exit; nothing is held at one that no path leads to.
func (b *Body) ExitAt(n ast.Node) State {
	for i := range b.Exits {
		if b.Exits[i].At == n {
			return b.Exits[i].State
		}
	}
	return State{}
}

// Before returns the state before an operation or an assignment of the body; ok
// is false for another node and for one that no path leads to.
func (b *Body) Before(n ast.Node) (s State, ok bool) {
	if s, ok := b.writes[n]; ok {
		return s, true
	}
	for _, o := range b.Ops {
		if o.Node == n {
			return o.State, true
		}
	}
	return State{}, slices.Contains(b.bare, n)
}

// An Op is an operation that may matter under a lock, with the state before it.
// One node is one Op, however many paths lead to it.
type Op struct {
	Node  ast.Node       // *ast.CallExpr, *ast.SendStmt, *ast.UnaryExpr (receive), *ast.SelectStmt, *ast.RangeStmt (over a channel or function)
	State State          // before it, joined over all paths
	Defer *ast.DeferStmt // set when it runs because of a defer
	Lits  []*ast.FuncLit // literals run in place that it stands in, outermost first
}
