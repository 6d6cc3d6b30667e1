package driver

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"sync"
	"weak"

	"github.com/lockfix/lockfix/rewrite/summary"
)

// A factList is the facts of a package that importers can ask for. Of the functions
// of a program few are called from other packages, so each fact is encoded for
// itself: decoded, all of them would be most of what a run keeps.
type factList struct {
	_ struct{} `cbor:",toarray"`

	Names []string  // of functions, sorted
	Ends  []int     // of their facts in Data; one without bytes has nothing to tell
	Data  []byte    // facts
	Decls []declRef // that positions stand in, each once
}

// A fact is what one function does, and where.
type fact struct {
	_ struct{} `cbor:",toarray"`

	Func   *summary.Packed
	Places []declOffset // of the positions in Func, in their order
}

// A declRef names a declaration of any package.
type declRef struct {
	_ struct{} `cbor:",toarray"`

	Package string
	Decl    string
}

// A declOffset is a [Place], its declaration by number.
type declOffset struct {
	_ struct{} `cbor:",toarray"`

	Decl         uint
	Line, Column int
}

// nothing is the fact of all functions that have nothing to tell.
var nothing = new(summary.Func)

// funcName names a function within its package, "" for one that importers cannot
// name: a method of an interface without a name, or of a type within a function.
func funcName(fn *types.Func) string {
	recv := fn.Signature().Recv()
	if recv == nil {
		return fn.Name()
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	named, ok := t.(*types.Named)
	if !ok || named.Obj().Pkg() == nil || named.Obj().Parent() != named.Obj().Pkg().Scope() {
		return ""
	}
	return named.Obj().Name() + "." + fn.Name()
}

// listFacts makes the list of a package's facts. Functions that are not exported
// are left out: no other package can call them.
func listFacts(pkg *summary.Package, place func(token.Pos) Place) (factList, error) {
	byName := make(map[string]*summary.Func, len(pkg.Funcs))
	for fn, f := range pkg.Funcs {
		if name := funcName(fn); name != "" && fn.Exported() && fn.Pkg() == pkg.Src.Types && fn == fn.Origin() {
			byName[name] = f
		}
	}
	var l factList
	decls := make(map[declRef]uint)
	offset := func(p Place) declOffset {
		ref := declRef{Package: p.Package, Decl: p.Decl}
		i, ok := decls[ref]
		if !ok {
			i = uint(len(decls))
			decls[ref] = i
			l.Decls = append(l.Decls, ref)
		}
		return declOffset{Decl: i, Line: p.Line, Column: p.Column}
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		if f := byName[name]; !f.Empty() {
			kept := fact{Func: f.Pack()}
			kept.Func.Positions(func(pos *token.Pos) { kept.Places = append(kept.Places, offset(place(*pos))) })
			data, err := encoding.Marshal(kept)
			if err != nil {
				return l, err
			}
			l.Data = append(l.Data, data...)
		}
		l.Names, l.Ends = append(l.Names, name), append(l.Ends, len(l.Data))
	}
	return l, nil
}

var errDamaged = errors.New("they are damaged")

// A known is the facts of a loaded package. What was decoded is kept as long as
// somebody uses it.
type known struct {
	factList

	mu      sync.Mutex
	decoded []weak.Pointer[summary.Func] // by number
}

// readFacts makes a list ready to be asked.
func readFacts(data []byte) (*known, error) {
	k := new(known)
	if err := decoding.Unmarshal(data, &k.factList); err != nil {
		return nil, err
	}
	if len(k.Ends) != len(k.Names) || !slices.IsSorted(k.Ends) || len(k.Ends) > 0 && (k.Ends[0] < 0 || k.Ends[len(k.Ends)-1] != len(k.Data)) {
		return nil, errDamaged
	}
	k.decoded = make([]weak.Pointer[summary.Func], len(k.Names))
	return k, nil
}

// fact returns what a function does, nil if the list does not have it; pos gives
// positions that are relative to a declaration, which find finds.
func (k *known) fact(name string, find func(declRef) spot, pos func(s spot, line, column int) token.Pos) (*summary.Func, error) {
	i, ok := slices.BinarySearch(k.Names, name)
	if !ok {
		return nil, nil
	}
	begin := 0
	if i > 0 {
		begin = k.Ends[i-1]
	}
	if begin == k.Ends[i] {
		return nothing, nil
	}
	k.mu.Lock()
	f := k.decoded[i].Value()
	k.mu.Unlock()
	if f != nil {
		return f, nil
	}
	f, err := k.decode(k.Data[begin:k.Ends[i]], find, pos)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.decoded[i] = weak.Make(f)
	return f, nil
}

func (k *known) decode(data []byte, find func(declRef) spot, pos func(s spot, line, column int) token.Pos) (*summary.Func, error) {
	var f fact
	if err := decoding.Unmarshal(data, &f); err != nil {
		return nil, err
	}
	if f.Func == nil || f.Func.Func == nil {
		return nil, errDamaged
	}
	var last uint
	var at spot // of last
	rest := f.Places
	f.Func.Positions(func(p *token.Pos) {
		if len(rest) == 0 || rest[0].Decl >= uint(len(k.Decls)) {
			return // it was damaged
		}
		if decl := rest[0].Decl; at == (spot{}) || decl != last {
			last, at = decl, find(k.Decls[decl])
		}
		*p = pos(at, rest[0].Line, rest[0].Column)
		rest = rest[1:]
	})
	if known := f.Func.Unpack(); known != nil {
		return known, nil
	}
	return nil, errDamaged
}

// facts answers what a function of a loaded package does.
func (w *world) facts(fn *types.Func) *summary.Func {
	w.mu.RLock()
	l := w.loaded[fn.Pkg()]
	w.mu.RUnlock()
	if l == nil || l.entry == nil {
		return nil
	}
	k := l.facts(w)
	if k == nil {
		return nil
	}
	f, err := k.fact(funcName(fn.Origin()), w.find, w.pos)
	if err != nil {
		w.unread(l, err)
	}
	return f
}

func (l *loaded) facts(w *world) *known {
	l.opening.Do(func() {
		if len(l.entry.Facts) == 0 {
			return // it is told
		}
		var err error
		if l.known, err = readFacts(l.entry.Facts); err != nil {
			w.unread(l, err)
		}
		l.entry.Facts = nil
	})
	return l.known
}

// unread says that facts cannot be read.
func (w *world) unread(l *loaded, err error) {
	w.run.problem(Problem{Package: l.types.Path(), Message: fmt.Sprintf("fault of lockfix: reading its facts: %v", err), Fault: true})
}
