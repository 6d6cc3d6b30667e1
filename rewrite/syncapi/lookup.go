package syncapi

import (
	"go/ast"
	"go/types"
	"strings"
	"sync"
)

// known is compiled by the first lookup: a run that finds everything in its cache
// makes none.
var known = sync.OnceValue(func() *index {
	return newIndex(stdSync, std, stdIO, syncLike, observing, valueLike, remote)
})

// Lookup finds the entry of a function or method. A method is looked up by the
// type that declares it, an interface's by the interface.
func Lookup(fn *types.Func) (Entry, bool) { return LookupOn(nil, fn) }

// LookupOn is Lookup for a method selected from a value of static type recv.
// What the table says of recv goes before what it says of the declaring type:
// hash.Hash gets its Write from io.Writer, and unlike other writers it does
// not wait.
func LookupOn(recv types.Type, fn *types.Func) (Entry, bool) {
	fn = fn.Origin()
	sig := fn.Signature()
	if sig.Recv() != nil && recv != nil {
		if n := named(recv); n != nil && n.Obj() != nil {
			if p := known().find(pkgPath(n.Obj().Pkg())); p != nil {
				if e, ok := p.typed(n.Obj().Name(), fn.Name()); ok {
					return e.fit(sig), true
				}
			}
		}
	}
	p := known().find(pkgPath(fn.Pkg()))
	if p == nil || isForeignCloser(recv, fn) {
		return Entry{}, false
	}
	e, ok := p.entry(fn, sig)
	if !ok {
		return Entry{}, false
	}
	return e.fit(sig), true
}

// isForeignCloser: what io.Closer and its like are given are files and sockets,
// closed without a wait; an interface of a program that embeds io.Closer is more
// than that.
func isForeignCloser(recv types.Type, fn *types.Func) bool {
	if recv == nil || fn.Name() != "Close" || pkgPath(fn.Pkg()) != "io" {
		return false
	}
	n := named(recv)
	return n == nil || pkgPath(n.Obj().Pkg()) != "io" && !isFileName(n.Obj().Name())
}

// entry finds the row of a function of p's package.
func (p *pkgTable) entry(fn *types.Func, sig *types.Signature) (Entry, bool) {
	if sig.Recv() == nil {
		if e, ok := p.funcs[fn.Name()]; ok {
			return e, true
		}
		return p.orElse(p.rest, 0)
	}
	recv := sig.Recv().Type()
	if n := named(recv); n != nil {
		if e, ok := p.typed(n.Obj().Name(), fn.Name()); ok {
			return e, true
		}
	} else if e, ok := p.unnamed(fn); ok {
		return e, true
	}
	if e, ok := p.types["*"][fn.Name()]; ok {
		return e, true
	}
	if types.IsInterface(recv) {
		return p.orElse(p.methods, -1)
	}
	return p.orElse(p.rest, -1)
}

func (p *pkgTable) orElse(e *Entry, operand int) (Entry, bool) {
	if e == nil {
		return Entry{}, false
	}
	return e.on(operand), true
}

func (p *pkgTable) typed(typ, method string) (Entry, bool) {
	t := p.types[typ]
	e, ok := t[method]
	if !ok {
		e, ok = t["*"]
	}
	return e, ok
}

// unnamed finds the row of an interface method that was read from export data:
// there its receiver is the bare interface, so ask the interfaces of the table
// which of them declares it.
func (p *pkgTable) unnamed(fn *types.Func) (Entry, bool) {
	if fn.Pkg() == nil {
		return Entry{}, false
	}
	for name := range p.types { // at most one declares fn: the order is of no account
		if declares(fn.Pkg().Scope().Lookup(name), fn) {
			return p.typed(name, fn.Name())
		}
	}
	return Entry{}, false
}

// declares reports whether obj is an interface type with fn among its own methods.
func declares(obj types.Object, fn *types.Func) bool {
	tn, ok := obj.(*types.TypeName)
	if !ok {
		return false
	}
	iface, ok := tn.Type().Underlying().(*types.Interface)
	if !ok {
		return false
	}
	for m := range iface.ExplicitMethods() {
		if m == fn {
			return true
		}
	}
	return false
}

// fit completes an entry with what the signature says: a wait that is given a
// context ends with it, and func parameters that no row speaks of are taken to
// be run before the call returns.
func (e Entry) fit(sig *types.Signature) Entry {
	if e.Class >= Waits && takesContext(sig) {
		e.Bounded = true
	}
	switch {
	case e.Starts != nil && len(e.Starts) == 0:
		e.Starts = funcParams(sig)
	case e.Sync == nil && e.Starts == nil:
		e.Sync = funcParams(sig)
	}
	return e
}

func takesContext(sig *types.Signature) bool {
	for v := range sig.Params().Variables() {
		if isNamed(v.Type(), "context", "Context") {
			return true
		}
	}
	return false
}

// funcParams leaves iter.Seq and iter.Seq2 out: ranging over them runs code
// too, but nearly all come from maps.Keys and its like.
func funcParams(sig *types.Signature) []int {
	var at []int
	for i := range sig.Params().Len() {
		t := sig.Params().At(i).Type()
		if _, ok := t.Underlying().(*types.Signature); !ok {
			continue
		}
		if isNamed(t, "iter", "Seq") || isNamed(t, "iter", "Seq2") {
			continue
		}
		at = append(at, i)
	}
	return at
}

// Cancel is the entry of a call of what context.WithCancel and its like return:
// it wakes whoever waits for the context.
var Cancel = wake

// IsCancel reports whether a func value is such a one, by its type.
func IsCancel(t types.Type) bool {
	for _, name := range []string{"CancelFunc", "CancelCauseFunc"} {
		if isNamed(t, "context", name) || isNamed(t, "golang.org/x/net/context", name) {
			return true
		}
	}
	return false
}

// Builtin is the entry of a builtin function.
func Builtin(b *types.Builtin) Entry {
	switch b.Name() {
	case "close":
		return wake
	case "panic":
		return exits
	case "append", "clear", "copy", "delete", "print", "println", "recover":
		return plain
	}
	return pure // len, make, min, unsafe.Sizeof and so on
}

// InMemory reports whether reading from or writing to a value of type t waits
// for nothing, so that functions that take an io.Reader or io.Writer are plain
// on it: io.Copy, io.ReadFull, fmt.Fprintf.
func InMemory(t types.Type) bool {
	n := named(t)
	if n == nil {
		return false
	}
	switch pkgPath(n.Obj().Pkg()) + "." + n.Obj().Name() {
	case "bytes.Buffer", "bytes.Reader", "strings.Builder", "strings.Reader",
		"hash.Hash", "hash.Hash32", "hash.Hash64", "text/tabwriter.Writer",
		"net/http/httptest.ResponseRecorder":
		return true
	}
	return false
}

// OnMemory reports whether a call is given readers and writers, and only such
// as are in memory: io.Copy(&buf, strings.NewReader(s)) waits for nothing, though
// the table says that io.Copy does.
func OnMemory(info *types.Info, call *ast.CallExpr) bool {
	typ := info.TypeOf(call.Fun)
	if typ == nil {
		return false
	}
	sig, ok := typ.Underlying().(*types.Signature)
	if !ok {
		return false
	}
	some := false
	for i := range min(sig.Params().Len(), len(call.Args)) {
		t := sig.Params().At(i).Type()
		if !isNamed(t, "io", "Reader") && !isNamed(t, "io", "Writer") {
			continue
		}
		if !InMemory(info.TypeOf(call.Args[i])) {
			return false
		}
		some = true
	}
	return some
}

// Drained reports whether a channel is emptied by whoever hands it out, by
// contract and without a lock of the sender: those of a metrics registry.
func Drained(t types.Type) bool {
	if t == nil {
		return false
	}
	ch, ok := t.Underlying().(*types.Chan)
	if !ok {
		return false
	}
	n := named(ch.Elem())
	if n == nil || pkgPath(n.Obj().Pkg()) != "github.com/prometheus/client_golang/prometheus" {
		return false
	}
	return n.Obj().Name() == "Metric" || n.Obj().Name() == "Desc"
}

// named returns the defined type of t or *t, of an instance its origin; nil if there is none.
func named(t types.Type) *types.Named {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, ok := t.(*types.Named)
	if !ok {
		return nil
	}
	return n.Origin()
}

func isNamed(t types.Type, path, name string) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == name && pkgPath(n.Obj().Pkg()) == path
}

// pkgPath is the path that a package is imported by, wherever a copy of it lies.
func pkgPath(p *types.Package) string {
	if p == nil {
		return "" // the universe: error
	}
	path := p.Path()
	for _, copies := range []string{"/vendor/", "/Godeps/_workspace/src/"} {
		if i := strings.LastIndex(path, copies); i >= 0 {
			path = path[i+len(copies):]
		}
	}
	return path
}
