package driver

import (
	"go/token"
	"go/types"
	"maps"
	"slices"
	"sync"

	"github.com/fxamacker/cbor/v2"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// An entry is what importers see of a package, as it is kept.
type entry struct {
	_ struct{} `cbor:",toarray"`

	Sum    store.Key         // of Types and Facts
	Types  []byte            // export data, without positions
	Refs   []string          // paths of other packages that Types refers to
	Facts  []byte            // a factList
	Layout cbor.RawMessage   // a layout; few are ever asked for
	Notes  map[string]string // what Config.Loaded made of it

	layout func() *layout
}

// ready makes a layout that is decoded at the first question.
func (e *entry) ready() {
	e.layout = sync.OnceValue(func() *layout {
		l := new(layout)
		if decoding.Unmarshal(e.Layout, l) != nil {
			return nil
		}
		e.Layout = nil
		return l
	})
}

// encoding writes the same value always in the same way.
var encoding = func() cbor.EncMode {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err) // the options are constant
	}
	return mode
}()

// decoding reads what encoding wrote, lists of any length.
var decoding = func() cbor.DecMode {
	mode, err := cbor.DecOptions{MaxArrayElements: 1 << 30, MaxMapPairs: 1 << 30}.DecMode()
	if err != nil {
		panic(err) // the options are constant
	}
	return mode
}()

// A factList is the facts of a package that importers can ask for. Most functions
// have nothing to tell, and many positions stand in few declarations.
type factList struct {
	_ struct{} `cbor:",toarray"`

	Names  []string        // of functions, sorted
	Funcs  []*summary.Func // nil: nothing to tell
	Decls  []declRef       // that positions stand in, each once
	Places []declOffset    // of the positions in Funcs, in their order
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
func listFacts(pkg *summary.Package, place func(token.Pos) Place) factList {
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
		f := byName[name]
		if f.Empty() {
			f = nil
		} else {
			f.Positions(func(pos *token.Pos) { l.Places = append(l.Places, offset(place(*pos))) })
		}
		l.Names, l.Funcs = append(l.Names, name), append(l.Funcs, f)
	}
	return l
}

// decodeFacts reads a factList; pos gives positions that are relative to a
// declaration, which find finds.
func decodeFacts(data []byte, find func(declRef) spot, pos func(s spot, line, column int) token.Pos) (map[string]*summary.Func, error) {
	var l factList
	if err := decoding.Unmarshal(data, &l); err != nil {
		return nil, err
	}
	spots := make([]spot, len(l.Decls))
	for i, ref := range l.Decls {
		spots[i] = find(ref)
	}
	facts := make(map[string]*summary.Func, len(l.Names))
	for i, f := range l.Funcs {
		if f == nil {
			facts[l.Names[i]] = nothing
			continue
		}
		facts[l.Names[i]] = f
		f.Positions(func(p *token.Pos) {
			if len(l.Places) == 0 || l.Places[0].Decl >= uint(len(spots)) {
				return // it was damaged
			}
			at := l.Places[0]
			*p = pos(spots[at.Decl], at.Line, at.Column)
			l.Places = l.Places[1:]
		})
	}
	return facts, nil
}
