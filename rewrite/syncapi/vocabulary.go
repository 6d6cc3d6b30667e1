package syncapi

import (
	"cmp"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/internal/nearest"
)

// A Vocabulary is what a project says of functions, by their names:
//
//	path.Func         a function
//	path.Type.Method  a method of Type, *Type or the interface Type
//
// path is the import path, a major version included. Pointers and type
// parameters are not written. A promoted method goes by the type that declares
// it, or by that of the values that it is called on.
type Vocabulary struct {
	Locks, Tokens                 []Pair
	Wakers, Blocking, NonBlocking []string

	By string // who says so, for messages; "" .lockfix.yaml
}

// A Pair says which functions acquire a lock or token and which give it back.
//
// What is held is the value that Release is a method of, when Acquire returns
// it; else the receiver of a method and the first argument of a function.
type Pair struct {
	Acquire, Release []string
	Read             bool // beside other readers
}

// A Saying is what a project says of one function. It goes before what the table
// and the function's own code say.
type Saying struct {
	Is    Meaning
	Token bool     // Takes, Gives: a token, not a lock
	Mode  Mode     // Takes, Gives
	Ends  []string // Takes: the names of what gives it back
	By    string   // who says so, for messages: ".lockfix.yaml", "lockfix:blocks"
}

// A Meaning is what a saying says.
type Meaning uint8

const (
	Unsaid   Meaning = iota
	Wakes            // lets others run, who may come back
	Blocks           // waits for others
	Harmless         // neither
	Takes            // acquires a lock or token
	Gives            // gives it back
)

// byVocabulary is how messages call the place of a [Vocabulary] unless it says so.
const byVocabulary = ".lockfix.yaml"

// Words are a vocabulary made ready for lookups. Nil Words say nothing.
type Words struct{ m map[string]Saying }

// Words compiles a vocabulary. Its error names what is ill-formed or said twice.
func (v Vocabulary) Words() (*Words, error) {
	w := &Words{m: map[string]Saying{}}
	var errs []error
	add := func(names []string, s Saying) {
		s.By = cmp.Or(v.By, byVocabulary)
		for _, name := range names {
			if err := CheckName(name); err != nil {
				errs = append(errs, err)
			}
			if _, twice := w.m[name]; twice {
				errs = append(errs, fmt.Errorf("%s is said to be two things", name))
			}
			w.m[name] = s
		}
	}
	add(v.Wakers, Saying{Is: Wakes})
	add(v.Blocking, Saying{Is: Blocks})
	add(v.NonBlocking, Saying{Is: Harmless})
	for i, p := range slices.Concat(v.Locks, v.Tokens) {
		s := Saying{Token: i >= len(v.Locks)}
		if p.Read {
			s.Mode = Read
		}
		s.Is, s.Ends = Takes, p.Release
		add(p.Acquire, s)
		s.Is, s.Ends = Gives, nil
		add(p.Release, s)
	}
	return w, errors.Join(errs...)
}

// CheckName reports what keeps a name from being one of a function.
func CheckName(name string) error {
	if strings.ContainsAny(name, "*()[] \t") {
		return fmt.Errorf("%q is no name of a function: write pkgpath.Func or pkgpath.Type.Method, without pointers and type parameters", name)
	}
	last := name[strings.LastIndexByte(name, '/')+1:]
	parts := strings.Split(last, ".")
	if strings.HasPrefix(name, "/") || len(parts) < 2 || parts[0] == "" || !token.IsIdentifier(parts[len(parts)-1]) {
		return fmt.Errorf("%q is no name of a function: write pkgpath.Func or pkgpath.Type.Method", name)
	}
	return nil
}

// LookupOn finds what is said of a function or, of a method selected from a value
// of static type recv, of the method of that type.
func (w *Words) LookupOn(recv types.Type, fn *types.Func) (Saying, bool) {
	if w == nil || len(w.m) == 0 {
		return Saying{}, false
	}
	if recv != nil && fn.Signature().Recv() != nil {
		if n := named(recv); n != nil {
			if s, ok := w.m[typeKey(n)+"."+fn.Name()]; ok {
				return s, true
			}
		}
	}
	s, ok := w.m[FuncKey(fn)]
	return s, ok
}

// FuncKey spells a function as a vocabulary does, "" if it cannot be named.
func FuncKey(fn *types.Func) string {
	fn = fn.Origin()
	recv := fn.Signature().Recv()
	if recv == nil {
		return pkgPath(fn.Pkg()) + "." + fn.Name()
	}
	if n := named(recv.Type()); n != nil {
		return typeKey(n) + "." + fn.Name()
	}
	return ""
}

// TypeKey spells the named type behind t or *t as a vocabulary does, "" if there
// is none.
func TypeKey(t types.Type) string {
	if n := named(t); n != nil {
		return typeKey(n)
	}
	return ""
}

func typeKey(n *types.Named) string { return pkgPath(n.Obj().Pkg()) + "." + n.Obj().Name() }

// Names lists the names of the vocabulary, sorted.
func (w *Words) Names() []string {
	if w == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(w.m))
}

// Find looks a name up in a package: mine is false for a name of another one; why
// says what is wrong with it here, "" if nothing is.
func (w *Words) Find(name string, pkg *types.Package) (mine bool, why string) {
	rest, ok := strings.CutPrefix(name, pkgPath(pkg)+".")
	if !ok || strings.Contains(rest, "/") || strings.Count(rest, ".") > 1 {
		return false, ""
	}
	typ, method, isMethod := strings.Cut(rest, ".")
	scope := pkg.Scope()
	if !isMethod {
		fn, ok := scope.Lookup(rest).(*types.Func)
		if !ok {
			return true, fmt.Sprintf("package %s has no function %s%s", pkg.Path(), rest, near(rest, objects[*types.Func](scope)))
		}
		return true, w.holdable(name, fn)
	}
	tn, ok := scope.Lookup(typ).(*types.TypeName)
	if !ok {
		return true, fmt.Sprintf("package %s has no type %s%s", pkg.Path(), typ, near(typ, objects[*types.TypeName](scope)))
	}
	obj, _, _ := types.LookupFieldOrMethod(tn.Type(), true, pkg, method)
	if _, ok := obj.(*types.Func); !ok {
		return true, fmt.Sprintf("type %s.%s has no method %s%s", pkg.Path(), typ, method, near(method, methods(tn.Type())))
	}
	return true, ""
}

// near is the end of a message that a name is not there.
func near(name string, names []string) string {
	if hint := nearest.Hint(name, names, ""); hint != "" {
		return ": " + hint
	}
	return ""
}

// objects lists the names of one sort in a scope.
func objects[T types.Object](scope *types.Scope) []string {
	return slices.DeleteFunc(scope.Names(), func(name string) bool {
		_, ok := scope.Lookup(name).(T)
		return !ok
	})
}

// methods lists the methods of t or *t.
func methods(t types.Type) []string {
	if !types.IsInterface(t) {
		t = types.NewPointer(t)
	}
	var names []string
	for sel := range types.NewMethodSet(t).Methods() {
		names = append(names, sel.Obj().Name())
	}
	return names
}

// holdable says why a function can neither take nor give back anything, "" if it
// can: it is given nothing and returns nothing that could be held.
func (w *Words) holdable(name string, fn *types.Func) string {
	s := w.m[name]
	if s.Is != Takes && s.Is != Gives || fn.Signature().Params().Len() > 0 || s.Handle(fn) >= 0 {
		return ""
	}
	return name + " has no argument that could be held"
}

// Handle is the result of a function that is held by what a saying says: one that
// a method among its ends gives back. It is -1 if that is the receiver or an
// argument.
func (s Saying) Handle(fn *types.Func) int {
	res := fn.Signature().Results()
	for i := range res.Len() {
		key := TypeKey(res.At(i).Type())
		if key == "" || recvKey(fn) == key {
			continue
		}
		for _, end := range s.Ends {
			if rest, ok := strings.CutPrefix(end, key+"."); ok && !strings.Contains(rest, ".") {
				return i
			}
		}
	}
	return -1
}

func recvKey(fn *types.Func) string {
	if recv := fn.Signature().Recv(); recv != nil {
		return TypeKey(recv.Type())
	}
	return ""
}

// Holds reports whether values of a type are what some function of the vocabulary
// acquires.
func (w *Words) Holds(t types.Type) bool {
	key := TypeKey(t)
	if w == nil || key == "" {
		return false
	}
	for name, s := range w.m {
		if method, ok := strings.CutPrefix(name, key+"."); ok && !strings.Contains(method, ".") && s.Is == Takes {
			return true
		}
	}
	return false
}
