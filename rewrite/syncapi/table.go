package syncapi

import (
	"fmt"
	"strings"
)

// A table is written by hand: package path to what its functions are.
//
// A path that ends in "/..." holds for the package before it and all below;
// the longest match wins, so that an empty table takes a package out of the
// tree above it. Paths are written without a major version.
type table map[string][]row

// A row gives some functions one entry. Names are separated by spaces:
//
//	Func        a function
//	Type.Method a method, of T, *T or the interface T
//	Type.*      the methods of the type that have no row of their own
//	*.Method    this method of any type that has neither of the above
//	*           the functions, and the methods of concrete types, that have none
//	*.*         the methods of interfaces that have none
//
// "*" leaves interfaces out because others implement them: that their methods
// are harmless has to be said, by name or by "*.*".
type row struct {
	names string
	is    Entry
}

// An index is a table made ready for lookups.
type index struct {
	exact map[string]*pkgTable
	tree  map[string]*pkgTable // "/..." paths, without the dots
}

type pkgTable struct {
	funcs   map[string]Entry
	types   map[string]map[string]Entry // "*" holds the type's default
	rest    *Entry
	methods *Entry // of interfaces
}

// newIndex compiles tables. A name that has two rows is a mistake of the
// table, found by the first lookup (and so by every test).
func newIndex(tables ...table) *index {
	x := &index{exact: map[string]*pkgTable{}, tree: map[string]*pkgTable{}}
	for _, t := range tables {
		for path, rows := range t {
			in := x.exact
			if root, ok := strings.CutSuffix(path, "/..."); ok {
				path, in = root, x.tree
			}
			if in[path] != nil {
				panic("syncapi: two tables for " + path)
			}
			in[path] = compile(path, rows)
		}
	}
	return x
}

func compile(path string, rows []row) *pkgTable {
	p := &pkgTable{funcs: map[string]Entry{}, types: map[string]map[string]Entry{}}
	for _, r := range rows {
		for name := range strings.FieldsSeq(r.names) {
			if !p.add(name, r.is) {
				panic(fmt.Sprintf("syncapi: two rows for %s.%s", path, name))
			}
		}
	}
	return p
}

// add reports whether the name was new.
func (p *pkgTable) add(name string, e Entry) bool {
	typ, method, ok := strings.Cut(name, ".")
	switch {
	case name == "*":
		fresh := p.rest == nil
		p.rest = &e
		return fresh
	case name == "*.*":
		fresh := p.methods == nil
		p.methods = &e
		return fresh
	case !ok:
		_, old := p.funcs[name]
		p.funcs[name] = e
		return !old
	}
	if p.types[typ] == nil {
		p.types[typ] = map[string]Entry{}
	}
	_, old := p.types[typ][method]
	p.types[typ][method] = e.on(-1)
	return !old
}

// find returns the table of a package, nil if it has none.
func (x *index) find(path string) *pkgTable {
	if p := x.lookup(path); p != nil {
		return p
	}
	if short := unversioned(path); short != path {
		return x.lookup(short)
	}
	return nil
}

func (x *index) lookup(path string) *pkgTable {
	if p := x.exact[path]; p != nil {
		return p
	}
	for {
		if p := x.tree[path]; p != nil {
			return p
		}
		i := strings.LastIndexByte(path, '/')
		if i < 0 {
			return nil
		}
		path = path[:i]
	}
}

// unversioned cuts a vendoring prefix and the elements that are a major version:
// "a/vendor/k8s.io/klog/v2/x" becomes "k8s.io/klog/x".
func unversioned(path string) string {
	if i := strings.LastIndex(path, "/vendor/"); i >= 0 {
		path = path[i+len("/vendor/"):]
	} else {
		path = strings.TrimPrefix(path, "vendor/") // as std spells its own
	}
	for i := 0; ; {
		j := strings.Index(path[i:], "/v")
		if j < 0 {
			return path
		}
		i += j
		end := i + len("/v")
		for end < len(path) && '0' <= path[end] && path[end] <= '9' {
			end++
		}
		if end > i+len("/v") && (end == len(path) || path[end] == '/') {
			path = path[:i] + path[end:]
		} else {
			i = end
		}
	}
}

// Constructors of entries, in the words of the table.

var (
	pure    = Entry{Class: Pure}
	plain   = Entry{Class: Plain}
	release = Entry{Kind: Release, Class: Plain}
	wake    = Entry{Kind: Wake, Class: Plain}
	exits   = Entry{Class: Plain, NoReturn: true}
	foreign = Entry{Class: Foreign, What: "runs code given from outside"}
)

func acquire(m Mode) Entry {
	return Entry{Kind: Acquire, Mode: m, Class: Locks, What: "waits for the lock"}
}

func try(m Mode) Entry { return Entry{Kind: Try, Mode: m, Class: Plain} }

func unlock(m Mode) Entry { return Entry{Kind: Release, Mode: m, Class: Plain} }

// waits is for a wait on goroutines of this program.
func waits(what string) Entry { return Entry{Kind: Wait, Class: Waits, What: what} }

// process is for a wait on another process of this machine.
func process(what string) Entry { return Entry{Kind: Wait, Class: Outside, What: what} }

func sleep(what string) Entry { return Entry{Kind: Sleep, Class: Outside, What: what} }

// file is for I/O where no other machine need take part.
func file(what string) Entry { return Entry{Kind: IO, Class: Outside, What: what} }

func network(what string) Entry {
	return Entry{Kind: IO, Class: Outside, Network: true, What: what}
}

// calls is for a function that runs its func arguments before it returns, and
// is otherwise plain.
func calls(args ...int) Entry { return plain.sync(args...) }

// starts is for a function that keeps func arguments for later or elsewhere:
// the given ones, else all.
func starts(args ...int) Entry { return plain.starts(args...) }

func (e Entry) sync(args ...int) Entry   { e.Sync = args; return e }
func (e Entry) starts(args ...int) Entry { e.Starts = append([]int{}, args...); return e }
func (e Entry) on(operand int) Entry     { e.Operand = operand; return e }
func (e Entry) bounded() Entry           { e.Bounded = true; return e }
