package summary

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/internal/nearest"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// What a function is annotated to start with and to leave held is read as truth:
//
//	//lockfix:holds mu            its callers hold mu
//	// +checklocks:s.mu           the same, in gvisor's spelling
//	// +checklocksread:s.mu       ... for reading
//	// +checklocksacquire:s.mu    it leaves s.mu held for its caller
//	// +checklocksrelease:s.mu    its caller holds s.mu, and it releases it
//	// +checklocksexclude:s.mu    its callers do not hold s.mu
//
// acquire and release have forms for reading too. On a field, +checklocks:mu says
// that mu guards it ([Package.Guards]).

// annotations applies what the notes of functions and fields say, once the
// summaries of this package are there to see through locks that wrap others.
func (p *Package) annotations() {
	p.guards = map[*types.Var][]*types.Var{}
	p.annotated = map[*types.Func][]Change{}
	p.excluded = map[*types.Func][]string{}
	for _, f := range p.Src.Files {
		for _, d := range f.Syntax.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok {
				if fn := p.declared(fd); fn != nil && len(p.notes[fn]) > 0 {
					p.annotate(fn, fd)
				}
			}
		}
	}
	for obj, notes := range p.notes {
		if v, ok := obj.(*types.Var); ok {
			for _, n := range notes {
				if n.gvisor && (n.verb == "" || n.verb == "read") {
					p.guard(v, n)
				}
			}
		}
	}
}

func (p *Package) annotate(fn *types.Func, fd *ast.FuncDecl) {
	before := len(p.entry[fn])
	for _, n := range p.notes[fn] {
		verb, mode := n.verb, syncapi.Write
		if rest, ok := strings.CutSuffix(verb, "read"); ok && n.gvisor {
			verb, mode = rest, syncapi.Read
		}
		path, _, _ := strings.Cut(n.arg, " ")
		if path == "" || !n.gvisor && verb != "holds" {
			continue
		}
		switch verb {
		case "holds", "", "acquire", "release", "exclude", "excludewrite":
		default:
			continue // checklocksignore is package suppress's; the rest says nothing of locks
		}
		r, why := p.lockOf(fn, path)
		if why != "" {
			p.complain(n, why)
		}
		if r.Root == nil {
			continue
		}
		p.apply(fn, n, verb, lockset.Held{Resource: r, Mode: mode, Must: true, Caller: n.name() + " says that its caller holds it"})
	}
	if fd.Body != nil && (before > 0 || len(p.entry[fn]) > 0) {
		p.understandAgain(fd)
	}
}

// apply does what one note says about a lock.
func (p *Package) apply(fn *types.Func, n note, verb string, h lockset.Held) {
	isIt := func(o lockset.Held) bool { return o.Key() == h.Key() }
	ref := p.ref(fn, h.Resource)
	switch verb {
	case "exclude", "excludewrite":
		p.excluded[fn] = append(p.excluded[fn], h.Key())
		p.entry[fn] = slices.DeleteFunc(slices.Clone(p.entry[fn]), isIt)
		return
	case "acquire":
		p.annotated[fn] = append(p.annotated[fn], Change{Ref: ref, Kind: syncapi.Acquire, Mode: h.Mode, Fallible: tellsOutcome(fn)})
		return
	case "release":
		p.annotated[fn] = append(p.annotated[fn], Change{Ref: ref, Kind: syncapi.Release, Mode: h.Mode})
	}
	p.entry[fn] = append(slices.DeleteFunc(slices.Clone(p.entry[fn]), isIt), h)
}

// amend adds what the current function is annotated to do to its caller's locks.
func (p *Package) amend(f *Func) {
	for _, c := range p.annotated[p.current] {
		if c.Ref.Param != Nowhere && !slices.ContainsFunc(f.Changes, func(o Change) bool { return o.Kind == c.Kind && sameRef(o.Ref, c.Ref) }) {
			f.Changes = append(f.Changes, c)
		}
	}
}

// guard notes which lock a field or package-level variable is annotated with.
func (p *Package) guard(v *types.Var, n note) {
	var r lockset.Resource
	if v.IsField() {
		st := p.structOf(v)
		if st == nil {
			return
		}
		fields, _ := p.follow(st, strings.Split(n.arg, "."))
		if len(fields) > 0 {
			p.guards[v] = append(p.guards[v], fields[len(fields)-1])
			return
		}
	}
	if r = p.globalLock(strings.Split(n.arg, ".")); r.Root != nil {
		if lock, ok := r.Field().(*types.Var); ok {
			p.guards[v] = append(p.guards[v], lock)
			return
		}
	}
	p.complain(n, "names no lock beside "+v.Name()+": "+n.arg+" is neither a field nor a variable of the package")
}

// structOf finds the struct type that declares a field of this package.
func (p *Package) structOf(f *types.Var) (found *types.Struct) {
	scope := p.Src.Types.Scope()
	for _, id := range scope.Names() {
		if tn, ok := scope.Lookup(id).(*types.TypeName); ok && declares(tn.Type(), f, 1) {
			return tn.Type().Underlying().(*types.Struct)
		}
	}
	return nil
}

// Guards lists the locks that a field is annotated to be guarded by; none if
// nothing says so.
func (p *Package) Guards(f *types.Var) []*types.Var { return p.guards[f] }

// lockOf resolves the path of a lock in the comment of a function. why says what
// is wrong with it. A path that leads where no resource can be named, through an
// interface say, has neither a root nor a reason.
func (p *Package) lockOf(fn *types.Func, path string) (r lockset.Resource, why string) {
	segs := strings.Split(path, ".")
	v, rest := p.start(fn, segs)
	if v == nil {
		if r = p.globalLock(segs); r.Root != nil {
			return r, ""
		}
		if isResult(fn, segs[0]) {
			return r, ""
		}
		return r, "names no lock of " + p.FuncName(fn) + ": " + segs[0] + " is no field of its receiver, no parameter and no variable of the package; " +
			nearest.Hint(segs[0], p.lockNames(fn), "name the lock as the function does")
	}
	fields, t := p.follow(v.Type(), rest)
	if t == nil {
		if opaque(v.Type()) {
			return lockset.Resource{}, ""
		}
		return r, "names no lock of " + p.FuncName(fn) + ": " + v.Name() + " has no field " + strings.Join(rest, ".")
	}
	if !syncapi.IsLock(t) && !isReadLock(t) && !p.Words.Holds(t) {
		return r, "names no lock: " + path + " is of type " + types.TypeString(t, types.RelativeTo(p.Src.Types))
	}
	if v.Name() == "" || v.Name() == "_" {
		return lockset.Resource{}, ""
	}
	return lockset.Rooted(v, lockset.Lock, append(fields, p.inside(t)...)), ""
}

// start is the variable that a path starts at: a parameter, or the receiver,
// whose name may be left out.
func (p *Package) start(fn *types.Func, segs []string) (*types.Var, []string) {
	sig := fn.Signature()
	for v := range sig.Params().Variables() {
		if v.Name() == segs[0] {
			return v, segs[1:]
		}
	}
	recv := sig.Recv()
	switch {
	case recv == nil:
		return nil, nil
	case recv.Name() == segs[0]:
		return recv, segs[1:]
	}
	if _, t := p.follow(recv.Type(), segs[:1]); t != nil {
		return recv, segs
	}
	return nil, nil
}

func isResult(fn *types.Func, name string) bool {
	for v := range fn.Signature().Results().Variables() {
		if v.Name() == name {
			return true
		}
	}
	return false
}

// follow walks fields by name, embedded ones in between included. The type is nil
// if there is no such path.
func (p *Package) follow(t types.Type, names []string) (fields []*types.Var, end types.Type) {
	for _, name := range names {
		pkg := p.Src.Types
		if n, ok := types.Unalias(pointee(t)).(*types.Named); ok && n.Obj().Pkg() != nil {
			pkg = n.Obj().Pkg()
		}
		obj, index, _ := types.LookupFieldOrMethod(t, true, pkg, name)
		f, ok := obj.(*types.Var)
		if !ok {
			return nil, nil
		}
		fields = append(fields, along(t, index[:len(index)-1])...)
		fields = append(fields, f.Origin())
		t = f.Type()
	}
	return fields, t
}

// along lists the fields that an index path of a selection leads through.
func along(t types.Type, index []int) (fields []*types.Var) {
	for _, i := range index {
		st, ok := pointee(t).Underlying().(*types.Struct)
		if !ok {
			return fields
		}
		fields = append(fields, st.Field(i).Origin())
		t = st.Field(i).Type()
	}
	return fields
}

func pointee(t types.Type) types.Type {
	if ptr, ok := t.Underlying().(*types.Pointer); ok {
		return ptr.Elem()
	}
	return t
}

// inside leads from a value with a Lock method to the lock behind it: an embedded
// one, or the one that a wrapper takes.
func (p *Package) inside(t types.Type) []*types.Var {
	for _, name := range []string{"Lock", "RLock"} {
		obj, index, _ := types.LookupFieldOrMethod(t, true, p.Src.Types, name)
		fn, ok := obj.(*types.Func)
		if !ok {
			continue
		}
		fields := along(t, index[:len(index)-1])
		f := p.summary(fn.Origin())
		if f == nil || fn.Signature().Recv() == nil {
			return fields
		}
		for _, c := range f.Changes {
			if c.Kind == syncapi.Acquire && c.Ref.Param == Receiver {
				inner, _ := p.lookupFields(fn.Signature().Recv().Type(), c.Ref.Fields)
				return append(fields, inner...)
			}
		}
		return fields
	}
	return nil
}

func isReadLock(t types.Type) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, "RLock")
	_, ok := obj.(*types.Func)
	return ok
}

// opaque: what is behind an interface has no fields to name.
func opaque(t types.Type) bool { return types.IsInterface(t) }

// globalLock finds a variable of this package, or pkg.variable of one that it
// imports, and fields from there.
func (p *Package) globalLock(segs []string) lockset.Resource {
	pkg := p.Src.Types
	if v, ok := pkg.Scope().Lookup(segs[0]).(*types.Var); ok {
		return p.fromGlobal(v, segs[1:])
	}
	if len(segs) < 2 {
		return lockset.Resource{}
	}
	for _, imp := range pkg.Imports() {
		if imp.Name() == segs[0] {
			if v, ok := imp.Scope().Lookup(segs[1]).(*types.Var); ok {
				return p.fromGlobal(v, segs[2:])
			}
		}
	}
	return lockset.Resource{}
}

func (p *Package) fromGlobal(v *types.Var, rest []string) lockset.Resource {
	fields, t := p.follow(v.Type(), rest)
	if t == nil || !syncapi.IsLock(t) {
		return lockset.Resource{}
	}
	return lockset.Global(v, lockset.Lock, append(fields, p.inside(t)...))
}

// lockNames lists what a comment of a function may name as a lock.
func (p *Package) lockNames(fn *types.Func) []string {
	var names []string
	for _, f := range receiverLocks(fn) {
		names = append(names, f.Name())
	}
	for v := range fn.Signature().Params().Variables() {
		names = append(names, v.Name())
	}
	return names
}
