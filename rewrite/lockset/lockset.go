package lockset

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/cfg"

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

// A Resource is something held and released, named by the object it starts at
// and the fields that lead from there. Two resources are the same when their
// keys are: one path of one variable is one object as long as Stable holds.
type Resource struct {
	Sort   Sort
	Root   types.Object // variable, parameter, receiver or package-level variable; nil if none
	Fields []*types.Var // selected in order, embedded ones included, generic origins
	Expr   string       // as a person writes it: "s.mu", for a promoted lock "s"
	Stable bool         // false: the path runs through an index, a call or a reassigned variable
}

// A Held is one resource in a State.
type Held struct {
	Resource
	Mode   syncapi.Mode
	Must   bool           // on every path; otherwise on some
	From   []*Acquisition // where it was acquired, in source order; none if the caller holds it
	Caller string         // why the caller is taken to hold it: "its name ends in Locked"; "" if it does not
}

// A State is what is held at a point. It is immutable.
type State struct {
	held    []Held     // sorted by key
	dropped []Resource // released here without having been acquired: the caller's
	defers  []deferred // registered so far, oldest first
	dead    bool       // no path reaches the point
}

// An Acquisition is one place where a resource is acquired.
type Acquisition struct {
	Resource
	Mode  syncapi.Mode
	Node  ast.Node    // the call, send or receive that acquires
	Stmt  ast.Stmt    // the statement it stands in
	Try   bool        // may fail: TryLock
	Via   *types.Func // the helper that acquires for its caller; nil if direct
	Count ast.Expr    // how many, for a weighted semaphore; nil otherwise
}

// A Release is one place where a resource is given back.
type Release struct {
	Resource
	Node  ast.Node       // the call, receive or send that releases
	Stmt  ast.Stmt       // the statement it stands in
	Defer *ast.DeferStmt // the statement that registered it; nil if it is explicit
	Via   *types.Func    // the helper that releases for its caller; nil if direct
}

// A Section is a critical section: one acquisition and the releases that can
// end it, all in one body.
type Section struct {
	Body     *Body
	Acquire  *Acquisition
	Releases []*Release        // explicit and deferred, in source order
	Returns  []*ast.ReturnStmt // reached while it is held; falling off the end is not among them
	Falls    bool              // the end of the body is reached while it is held
	Leaks    bool              // some exit leaves it held and no deferred release ends it
	Ops      []*Op             // operations while it is held, in source order
	Mixed    bool              // a release of it may also end another acquisition, or end none
}

// A Body is one analysed function body: a declaration or a literal that is not
// run in place. Literals that run in place are part of the body they run in.
type Body struct {
	Fn       ast.Node    // *ast.FuncDecl or *ast.FuncLit
	Obj      *types.Func // nil for a literal
	Block    *ast.BlockStmt
	Graph    *cfg.CFG
	Ops      []*Op // in source order
	Sections []*Section
	Exit     State // what is held when it returns, deferred calls done
}

// An Op is an operation that may matter under a lock, with the state before it.
// One node is one Op, however many paths lead to it.
type Op struct {
	Node  ast.Node       // *ast.CallExpr, *ast.SendStmt, *ast.UnaryExpr (receive), *ast.SelectStmt, *ast.RangeStmt (over a channel or function)
	Stmt  ast.Stmt       // the innermost statement of a statement list that holds it
	State State          // before it, joined over all paths
	Defer *ast.DeferStmt // set when it runs because of a defer
	Lits  []*ast.FuncLit // literals run in place that it stands in, outermost first
}

// A deferred is one registered defer statement.
type deferred struct {
	stmt *ast.DeferStmt
	must bool
}
