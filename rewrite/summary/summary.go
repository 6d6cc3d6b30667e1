package summary

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/duty"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/syncapi"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// A Package is one package understood: the bodies with their lock sets and
// what each of its functions does, seen from outside.
type Package struct {
	Src   *source.Package
	Funcs map[*types.Func]*Func // functions that it declares
	Uses  *uses.Index
	Namer *lockset.Namer
	Words *syncapi.Words // what the project says of functions; nil: nothing
	Walks *duty.Memo     // what walks through its bodies have found

	known     Facts
	facts     map[*types.Func]*Func // what known has answered
	current   *types.Func           // what refs are relative to
	units     map[ast.Decl]*unit
	coded     []*unit                    // those that have code, in source order
	all       []*lockset.Body            // of all units, once they are asked for
	byFunc    map[ast.Node]*lockset.Body // the same by function
	ledger    *ledger                    // of the cycle that is settled; nil for none
	litActs   map[*ast.FuncLit][]Act     // of literals with a body of their own
	inner     map[*ast.FuncLit]bool      // literals run in place
	sites     map[ast.Expr]*site         // by function expression
	tellings  map[called]*told
	effects   map[ast.Expr]lockset.Effect // of the declaration being analysed, by function expression
	acts      map[ast.Node][]Act          // likewise, by operation
	semaphore map[uses.Chan]polarity
	births    map[ast.Node][]lockset.Change
	entry     map[*types.Func][]lockset.Held
	exits     map[*ast.BlockStmt]token.Pos // the first return of a body
	certains  map[spot]bool                // see certain
	askeds    map[spot]bool                // see asked
	excess    map[ast.Decl]*lockset.Excess // those that are too large
	crossings []*Crossing
	imported  *imported // nil until it is asked for
	owners    map[*types.Var]string
	named     map[*types.Package][]*types.TypeName
	deeds     map[*types.Func]*Deeds
	classes   map[*types.Var]string
	impls     map[*types.Func][]*types.Func // by method of an interface
	customs   map[*types.Func]custom        // likewise
	decls     map[*types.Func]*unit         // those with code

	notes      map[types.Object][]note // comments that speak of what they stand on
	said       map[types.Object]syncapi.Saying
	complaints []Complaint
	guards     map[*types.Var][]*types.Var // by field: the locks that it is annotated with
	annotated  map[*types.Func][]Change
	excluded   map[*types.Func][]string // keys of what callers are annotated not to hold
}

// A Func is what a call of a function does, seen from outside. It travels
// between packages as a fact, so it holds no syntax, and no line numbers: a
// comment added in one package must not change what is known of another.
type Func struct {
	_ struct{} `cbor:",toarray"` // compact in a cache

	Acts     []Act            // what it may do that matters under a lock, the worst first; bounded
	Changes  []Change         // resources that it leaves held, or releases, for its caller
	Results  map[int][]Change // what calling the i-th result does
	Locks    []Lock           // locks that it takes on the way, its callees' included; bounded
	Onces    []Lock           // likewise each sync.Once that it runs
	Guards   []Guard          // locks that it holds while it runs a func parameter; bounded
	Edges    []Edge           // locks that it takes while it holds others
	Gets     map[int]Ref      // the path that the i-th result is read from, where it does nothing else
	Runs     []int            // func parameters that it calls before it returns
	Said     syncapi.Saying   // what the project says of it
	NoReturn bool
}

// AFact makes a *Func a fact of the analysis framework.
func (*Func) AFact() {}

// Empty reports whether there is nothing to tell.
func (f *Func) Empty() bool {
	return len(f.Acts) == 0 && len(f.Changes) == 0 && len(f.Results) == 0 && len(f.Locks)+len(f.Onces)+len(f.Guards)+len(f.Edges) == 0 && len(f.Runs) == 0 && len(f.Gets) == 0 && !f.NoReturn && f.Said.Is == syncapi.Unsaid
}

// A Ref names a resource or channel in terms that a caller can translate: a
// parameter, the receiver or a package-level variable, and fields from there.
type Ref struct {
	_ struct{} `cbor:",toarray"` // compact in a cache

	Param  int      // index of a parameter; Receiver; Global; Nowhere
	Pkg    string   // Global: path of the package
	Name   string   // Global: the variable
	Fields []string // names of the fields that lead from there
	Sort   lockset.Sort
}

const (
	Receiver = -1
	Global   = -2
	Nowhere  = -3 // a local object: nothing outside can name it
)

// A Change is one effect on a resource of the caller.
type Change struct {
	_ struct{} `cbor:",toarray"` // compact in a cache

	Ref      Ref
	Kind     syncapi.Kind // Acquire, Try or Release
	Mode     syncapi.Mode
	Fallible bool // only when the last result, an error or a bool, says so
	Once     bool // Release: it does nothing the second time
}

// A Lock is a lock that a function takes.
type Lock struct {
	_ struct{} `cbor:",toarray"` // compact in a cache

	Ref     Ref
	Class   string // "pkg/path.Type.field" or "pkg/path.var": the same for all instances; "" unknown
	Mode    syncapi.Mode
	Expr    string  // as it is written where it is taken
	Try     bool    // TryLock: it waits for nobody
	Must    bool    // each call that comes to an end has taken it
	Asked   bool    // whether it is taken depends on an argument
	Deep    bool    // it is taken deep in a library, and nothing more is known
	Via     []Frame // functions from the callee's body down to where it is taken
	Dropped []Ref   // the caller's resources that are released at this point
	Behind  string  // of a method of an interface: the method behind it that takes it, named as in its package

	pos token.Pos
}

// Pos is where the lock is taken, NoPos when that is not known here.
func (l *Lock) Pos() token.Pos { return l.pos }

// A Guard is a lock that a function holds whenever it runs a func parameter.
type Guard struct {
	_ struct{} `cbor:",toarray"` // compact in a cache

	Param int
	Lock
}

// An ActKind says what an operation is.
type ActKind uint8

const (
	Send      ActKind = iota // ch <- v
	Receive                  // <-ch
	Select                   // select without default
	RangeChan                // for range ch
	Wait                     // WaitGroup.Wait and its like
	CondWait                 // Cond.Wait
	Sleep                    // time.Sleep
	IO                       // a file, a process or another machine
	Callback                 // a func value or a method of an interface that others implement
	Acquire                  // waits for a semaphore
)

// An Act is one thing that a function may do and that matters to whoever holds
// a lock around the call.
type Act struct {
	_ struct{} `cbor:",toarray"` // compact in a cache

	Kind    ActKind
	Class   syncapi.Class
	What    string  // "sends on s.ch", third person
	Bounded string  // what ends the wait: "ctx.Done()"; "" if nothing does
	Param   int     // Callback of a func parameter: its index; else Nowhere
	Target  Ref     // the channel or group
	Dropped []Ref   // the caller's resources that are released at this point
	Kept    []Ref   // the caller's resources that it is documented to hold here: reported here, not there
	Via     []Frame // functions from the callee's body down to where it happens
	Network bool    // Kind IO: another machine takes part
	Method  string  // Callback: the method or func field that is called
	Said    string  // "blocks by .lockfix.yaml": the project says so; "" if the code does
	Under   bool    // the callee holds a lock of its own around it: reported there

	// on is the object that a method is called on, in the terms of the
	// declaration at hand; local ones, which Target cannot name, included.
	on lockset.Resource

	// Pos is where it happens; it stays in the process.
	pos token.Pos
}

// Pos is where the act happens, NoPos when that is in a package whose positions
// are not known here.
func (a *Act) Pos() token.Pos { return a.pos }

// A Frame is one call on the way to an act.
type Frame struct {
	_ struct{} `cbor:",toarray"` // compact in a cache

	Func  string // "(*T).m" with the package name for a function of another package
	Local bool   // Func is of the package that the summary is of, and named as there
	pos   token.Pos
}

// Pos is where the call stands, NoPos when it is not known here.
func (f Frame) Pos() token.Pos { return f.pos }
