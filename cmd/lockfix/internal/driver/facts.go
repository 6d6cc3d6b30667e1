package driver

import (
	"bytes"
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

	Names []string      // of functions, sorted
	Ends  []int         // of their facts in Data; one without bytes has nothing to tell
	Data  []byte        // facts
	Words []string      // of the facts and declarations, each once
	Decls []declNumbers // that positions stand in, each once
	Edged []int         // functions that have edges, by number
}

// A fact is what one function does, and where.
type fact struct {
	_ struct{} `cbor:",toarray"`

	Func   *summary.Packed // without its words
	Words  []uint          // by number, 0 for ""
	Places []declOffset    // of the positions in Func, in their order
}

// A declNumbers names a declaration of any package, by the numbers of the words.
type declNumbers struct {
	_ struct{} `cbor:",toarray"`

	Package, Decl uint
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
	data := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(data)
	data.Reset()
	byName := make(map[string]*summary.Func, len(pkg.Funcs))
	for fn, f := range pkg.Funcs {
		if !fn.Exported() || fn.Pkg() != pkg.Src.Types || fn != fn.Origin() {
			continue
		}
		if name := funcName(fn); name != "" {
			byName[name] = f
		}
	}
	var l factList
	decls, words := numbers[declNumbers]{}, numbers[string]{"": 0}
	var kept fact
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		f := byName[name]
		if len(f.Edges) > 0 {
			l.Edged = append(l.Edged, len(l.Names))
		}
		if !f.Empty() {
			kept.Func, kept.Words, kept.Places = f.Pack(), kept.Words[:0], kept.Places[:0]
			kept.Func.Words(func(word *string) {
				kept.Words = append(kept.Words, words.of(*word))
				*word = ""
			})
			kept.Func.Positions(func(pos *token.Pos) {
				p := place(*pos)
				decl := decls.of(declNumbers{Package: words.of(p.Package), Decl: words.of(p.Decl)})
				kept.Places = append(kept.Places, declOffset{Decl: decl, Line: p.Line, Column: p.Column})
			})
			if err := encoding.MarshalToBuffer(kept, data); err != nil {
				return l, err
			}
		}
		l.Names, l.Ends = append(l.Names, name), append(l.Ends, data.Len())
	}
	l.Data, l.Decls, l.Words = bytes.Clone(data.Bytes()), decls.list(), words.list()
	return l, nil
}

// numbers are given to values in the order in which they come.
type numbers[T comparable] map[T]uint

func (n numbers[T]) of(v T) uint {
	i, ok := n[v]
	if !ok {
		i = uint(len(n))
		n[v] = i
	}
	return i
}

func (n numbers[T]) list() []T {
	out := make([]T, len(n))
	for v, i := range n {
		out[i] = v
	}
	return out
}

var errDamaged = errors.New("they are damaged")

// A known is what is decoded of the facts of a package. It stays no longer than
// somebody uses it, or until the next collection: all of it would be most of what a run
// keeps.
type known struct {
	mu   sync.Mutex
	list weak.Pointer[opened]
}

// An opened is a decoded list, with what was decoded of its facts.
type opened struct {
	factList

	mu      sync.Mutex
	decoded []weak.Pointer[summary.Func] // by number
}

// open decodes a factList, always the same.
func (k *known) open(facts lot) (*opened, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if l := k.list.Value(); l != nil {
		return l, nil
	}
	data, err := facts.bytes()
	if err != nil {
		return nil, err
	}
	l := new(opened)
	if err := decoding.Unmarshal(data, &l.factList); err != nil {
		return nil, err
	}
	if len(l.Ends) != len(l.Names) || !slices.IsSorted(l.Ends) || len(l.Ends) > 0 && (l.Ends[0] < 0 || l.Ends[len(l.Ends)-1] != len(l.Data)) {
		return nil, errDamaged
	}
	if slices.ContainsFunc(l.Decls, func(d declNumbers) bool { return max(d.Package, d.Decl) >= uint(len(l.Words)) }) ||
		slices.ContainsFunc(l.Edged, func(i int) bool { return i < 0 || i >= len(l.Names) }) {
		return nil, errDamaged
	}
	l.decoded = make([]weak.Pointer[summary.Func], len(l.Names))
	k.list = weak.Make(l)
	return l, nil
}

// fact returns what a function does, nil if the list does not have it; pos gives
// positions that are relative to a declaration, which find finds.
func (l *opened) fact(name string, find func(declRef) spot, pos func(s spot, line, column int) token.Pos) (*summary.Func, error) {
	i, ok := slices.BinarySearch(l.Names, name)
	if !ok {
		return nil, nil
	}
	begin := 0
	if i > 0 {
		begin = l.Ends[i-1]
	}
	if begin == l.Ends[i] {
		return nothing, nil
	}
	l.mu.Lock()
	f := l.decoded[i].Value()
	l.mu.Unlock()
	if f != nil {
		return f, nil
	}
	f, err := l.decode(l.Data[begin:l.Ends[i]], find, pos)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.decoded[i] = weak.Make(f)
	return f, nil
}

func (l *opened) decode(data []byte, find func(declRef) spot, pos func(s spot, line, column int) token.Pos) (*summary.Func, error) {
	var f fact
	if err := decoding.Unmarshal(data, &f); err != nil {
		return nil, err
	}
	if f.Func == nil || f.Func.Func == nil {
		return nil, errDamaged
	}
	words, whole := f.Words, true
	f.Func.Words(func(word *string) {
		if whole = whole && len(words) > 0 && words[0] < uint(len(l.Words)); whole {
			*word, words = l.Words[words[0]], words[1:]
		}
	})
	var last uint
	var at spot // of last
	places := f.Places
	f.Func.Positions(func(p *token.Pos) {
		if whole = whole && len(places) > 0 && places[0].Decl < uint(len(l.Decls)); !whole {
			return
		}
		if decl := places[0].Decl; at == (spot{}) || decl != last {
			d := l.Decls[decl]
			last, at = decl, find(declRef{l.Words[d.Package], l.Words[d.Decl]})
		}
		*p = pos(at, places[0].Line, places[0].Column)
		places = places[1:]
	})
	known := f.Func.Unpack()
	if !whole || known == nil {
		return nil, errDamaged
	}
	return known, nil
}

// A view is the facts that a package sees.
type view struct{ *node }

// Func answers what a function of a loaded package does.
func (v view) Func(fn *types.Func) *summary.Func {
	w := v.world
	w.mu.RLock()
	l := w.loaded[fn.Pkg()]
	w.mu.RUnlock()
	if l == nil || l.entry == nil || l.entry.facts.size == 0 { // without an entry, or told
		return nil
	}
	list, err := l.known.open(l.entry.facts)
	var f *summary.Func
	if err == nil {
		f, err = list.fact(funcName(fn.Origin()), w.find, w.pos)
	}
	if err != nil {
		w.unread(l.types.Path(), err)
	}
	return f
}

// unread says that the facts of a package cannot be read.
func (w *world) unread(path string, err error) {
	w.run.problem(Problem{Package: path, Message: fmt.Sprintf("fault of lockfix: reading its facts: %v", err), Fault: true})
}
