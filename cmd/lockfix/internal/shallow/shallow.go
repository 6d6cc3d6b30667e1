// Package shallow writes the types of a package as export data that says nothing of
// what other packages declare but their names.
//
// Export data as [gcexportdata] writes it is deep: it repeats every declaration of
// another package that one of its own leads to, so that a package of ten lines over a
// large interface takes a quarter of a megabyte. Who reads all packages a program is
// made of needs none of that. On a server of 585 packages it was four fifths of the
// bytes, and a seventh of the time of a run with an empty cache. gopls has shallow
// export data too, by functions that are internal to golang.org/x/tools: should they be
// published, nothing of this package is needed.
//
// Here a copy of the package is made in which a type of another package is a stub,
// and the copy is written in the format that exists. The reader looks a type up in
// the package that declares it before it looks at what the data says of it: where
// those packages are complete, no stub is ever read. That each name is found there is
// checked when it is written.
package shallow

import (
	"fmt"
	"go/token"
	"go/types"
	"io"
	"maps"
	"slices"

	"golang.org/x/tools/go/gcexportdata"
)

// Write writes the exported declarations of a package, and those of its own that they
// lead to, without positions. To be read by [gcexportdata.Read] once the packages of
// refs are complete: those that the declarations refer to, by path, sorted. What
// these refer to in turn is theirs to list.
//
// The package must be without errors, and those that it refers to must be as their
// own export data has them.
func Write(out io.Writer, pkg *types.Package) (refs []string, err error) {
	c := &copier{
		from: pkg,
		to:   types.NewPackage(pkg.Path(), pkg.Name()),
		done: make(map[types.Type]types.Type),
		refs: make(map[string]bool),
	}
	for _, name := range pkg.Scope().Names() {
		if token.IsExported(name) {
			c.to.Scope().Insert(c.object(pkg.Scope().Lookup(name)))
		}
	}
	c.finish()
	if c.err != nil {
		return nil, c.err
	}
	if err := gcexportdata.Write(out, nil, c.to); err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(c.refs)), nil
}

// A copier copies declarations of a package. Nothing of the original is changed, and
// what is copied once is the same everywhere.
type copier struct {
	from, to *types.Package
	done     map[types.Type]types.Type
	refs     map[string]bool
	err      error // a name that nobody would find

	// What is behind a declared type is copied after what leads to it, for it may lead
	// back; and a constraint is set when all types are whole, for then it is looked into.
	bodies      []func()
	constraints []func()
}

// finish copies what was put off.
func (c *copier) finish() {
	for len(c.bodies)+len(c.constraints) > 0 {
		todo := &c.bodies
		if len(c.bodies) == 0 {
			todo = &c.constraints
		}
		last := len(*todo) - 1
		do := (*todo)[last]
		*todo = (*todo)[:last]
		do()
	}
}

// pkg translates the package that an object is of.
func (c *copier) pkg(p *types.Package) *types.Package {
	if p == c.from {
		return c.to
	}
	if p != nil {
		c.refs[p.Path()] = true
	}
	return p
}

// object copies what a name of the package stands for.
func (c *copier) object(obj types.Object) types.Object {
	switch obj := obj.(type) {
	case *types.Const:
		return types.NewConst(token.NoPos, c.to, obj.Name(), c.typ(obj.Type()), obj.Val())
	case *types.Var:
		return types.NewVar(token.NoPos, c.to, obj.Name(), c.typ(obj.Type()))
	case *types.Func:
		return types.NewFunc(token.NoPos, c.to, obj.Name(), c.typ(obj.Type()).(*types.Signature))
	case *types.TypeName:
		t := c.typ(obj.Type())
		if a, ok := t.(*types.Alias); ok {
			return a.Obj()
		}
		if obj.IsAlias() { // one without a type of its own, as GODEBUG=gotypesalias=0 has them
			return types.NewTypeName(token.NoPos, c.to, obj.Name(), t)
		}
		return t.(*types.Named).Obj()
	}
	panic(fmt.Sprintf("shallow: object %T", obj))
}

// name makes the name of a copied type or type parameter.
func (c *copier) name(obj *types.TypeName) *types.TypeName {
	return types.NewTypeName(token.NoPos, c.pkg(obj.Pkg()), obj.Name(), nil)
}

// declared is [copier.name] of a type that is found by its name.
func (c *copier) declared(obj *types.TypeName) *types.TypeName {
	if found := obj.Pkg().Scope().Lookup(obj.Name()); found != obj && c.err == nil {
		c.err = fmt.Errorf("%s.%s is not what its package declares by that name", obj.Pkg().Path(), obj.Name())
	}
	return c.name(obj)
}

// typ copies a type.
func (c *copier) typ(t types.Type) types.Type {
	if _, ok := t.(*types.Basic); ok {
		return t
	}
	if done := c.done[t]; done != nil {
		return done
	}
	made := c.composite(t)
	c.done[t] = made
	return made
}

// composite copies a type that has not been copied. That this comes to an end: only
// through a declared type can one lead back to itself, and what is behind it is put off.
func (c *copier) composite(t types.Type) types.Type {
	switch t := t.(type) {
	case *types.Named:
		return c.named(t)
	case *types.Alias:
		return c.alias(t)
	case *types.Pointer:
		return types.NewPointer(c.typ(t.Elem()))
	case *types.Slice:
		return types.NewSlice(c.typ(t.Elem()))
	case *types.Array:
		return types.NewArray(c.typ(t.Elem()), t.Len())
	case *types.Chan:
		return types.NewChan(t.Dir(), c.typ(t.Elem()))
	case *types.Map:
		return types.NewMap(c.typ(t.Key()), c.typ(t.Elem()))
	case *types.Signature:
		return c.signature(t, nil, nil)
	case *types.Struct:
		fields, tags := make([]*types.Var, t.NumFields()), make([]string, t.NumFields())
		for i := range fields {
			f := t.Field(i)
			fields[i] = types.NewField(token.NoPos, c.pkg(f.Pkg()), f.Name(), c.typ(f.Type()), f.Embedded())
			tags[i] = t.Tag(i)
		}
		return types.NewStruct(fields, tags)
	case *types.Interface:
		return c.iface(t)
	case *types.Union:
		terms := make([]*types.Term, t.Len())
		for i := range terms {
			terms[i] = types.NewTerm(t.Term(i).Tilde(), c.typ(t.Term(i).Type()))
		}
		return types.NewUnion(terms)
	}
	panic(fmt.Sprintf("shallow: type %T", t)) // a type parameter is copied where it is declared
}

// named copies a declared type, or makes a stub of one of another package.
func (c *copier) named(t *types.Named) types.Type {
	obj := t.Obj()
	switch {
	case obj.Pkg() == nil: // error, comparable
		return t
	case t.Origin() != t:
		return c.instance(t.Origin(), t.TypeArgs())
	case obj.Pkg() != c.from:
		return types.NewNamed(c.declared(obj), stub(t), nil)
	}
	made := types.NewNamed(c.declared(obj), nil, nil)
	c.bodies = append(c.bodies, func() {
		made.SetTypeParams(c.params(t.TypeParams()))
		made.SetUnderlying(c.typ(t.Underlying()))
		for m := range t.Methods() {
			rparams := c.params(m.Signature().RecvTypeParams()) // before the receiver, which names them
			sig := c.signature(m.Signature(), c.param(m.Signature().Recv()), rparams)
			made.AddMethod(types.NewFunc(token.NoPos, c.to, m.Name(), sig))
		}
	})
	return made
}

// alias copies an alias, or makes a stub of one of another package.
func (c *copier) alias(t *types.Alias) types.Type {
	obj := t.Obj()
	switch {
	case obj.Pkg() == nil: // any
		return t
	case t.Origin() != t:
		return c.instance(t.Origin(), t.TypeArgs())
	case obj.Pkg() != c.from:
		made := types.NewAlias(c.declared(obj), stub(t))
		made.SetTypeParams(c.unbound(t.TypeParams()))
		return made
	}
	params := c.params(t.TypeParams()) // before what is behind it, which names them
	made := types.NewAlias(c.declared(obj), c.typ(t.Rhs()))
	made.SetTypeParams(params)
	return made
}

// stub is as much of what is behind a type of another package as decides how others
// are written that refer to it: constants by their kind, constraints by whether they
// are interfaces.
func stub(t types.Type) types.Type {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u
	case *types.Interface:
		return types.NewInterfaceType(nil, nil)
	}
	return types.Typ[types.Bool]
}

// instance copies an instance of a generic type.
func (c *copier) instance(origin types.Type, args *types.TypeList) types.Type {
	list := make([]types.Type, args.Len())
	for i := range list {
		list[i] = c.typ(args.At(i))
	}
	made, _ := types.Instantiate(nil, c.typ(origin), list, false) // not validated: no error
	return made
}

// unbound declares copies of type parameters, without their constraints.
func (c *copier) unbound(list *types.TypeParamList) []*types.TypeParam {
	var out []*types.TypeParam
	for p := range list.TypeParams() {
		out = append(out, types.NewTypeParam(c.name(p.Obj()), types.Universe.Lookup("any").Type()))
	}
	return out
}

// params declares copies of type parameters. Those of a list may refer to each other.
func (c *copier) params(list *types.TypeParamList) []*types.TypeParam {
	out := c.unbound(list)
	for i, made := range out {
		p := list.At(i)
		c.done[p] = made
		c.bodies = append(c.bodies, func() {
			constraint := c.typ(p.Constraint())
			c.constraints = append(c.constraints, func() { made.SetConstraint(constraint) })
		})
	}
	return out
}

// signature copies a signature, with another receiver: that of an interface's method
// says nothing.
func (c *copier) signature(t *types.Signature, recv *types.Var, rparams []*types.TypeParam) *types.Signature {
	params := c.params(t.TypeParams())
	return types.NewSignatureType(recv, rparams, params, c.tuple(t.Params()), c.tuple(t.Results()), t.Variadic())
}

func (c *copier) tuple(t *types.Tuple) *types.Tuple {
	vars := make([]*types.Var, t.Len())
	for i := range vars {
		vars[i] = c.param(t.At(i))
	}
	return types.NewTuple(vars...)
}

func (c *copier) param(v *types.Var) *types.Var {
	return types.NewParam(token.NoPos, c.pkg(v.Pkg()), v.Name(), c.typ(v.Type()))
}

// iface copies an interface.
func (c *copier) iface(t *types.Interface) *types.Interface {
	methods := make([]*types.Func, t.NumExplicitMethods())
	for i := range methods {
		m := t.ExplicitMethod(i)
		methods[i] = types.NewFunc(token.NoPos, c.pkg(m.Pkg()), m.Name(), c.signature(m.Signature(), nil, nil))
	}
	embedded := make([]types.Type, t.NumEmbeddeds())
	for i := range embedded {
		embedded[i] = c.typ(t.EmbeddedType(i))
	}
	made := types.NewInterfaceType(methods, embedded)
	if t.IsImplicit() {
		made.MarkImplicit()
	}
	return made
}
