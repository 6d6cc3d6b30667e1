package fix

import (
	"go/token"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/source"
)

// spell writes a type as this file can: with the names under which it imports
// the packages concerned. ok is false where it cannot.
func (s *section) spell(t types.Type) (text string, ok bool) {
	seen := map[types.Type]bool{}
	ok = spellable(t, s.pkg.Src.Types, seen) && !s.shadowed(seen)
	text = types.TypeString(t, func(pkg *types.Package) string {
		if pkg == s.pkg.Src.Types {
			return ""
		}
		name, missing := source.ImportName(s.pkg.Src, s.file, pkg.Path(), s.Acquire.Node.Pos())
		if missing {
			ok = false
		}
		return name
	})
	return text, ok
}

// shadowed reports whether one of the types that were met has a name which means
// something else where it would be spelled.
func (s *section) shadowed(met map[types.Type]bool) bool {
	at := s.spelledAt()
	scope := s.info.Scopes[s.file.Syntax]
	if scope == nil || scope.Innermost(at) == nil {
		return false
	}
	for t := range met {
		var obj types.Object
		switch t := t.(type) {
		case *types.Named:
			obj = t.Obj()
		case *types.Alias:
			obj = t.Obj()
		case *types.Basic:
			obj = types.Universe.Lookup(t.Name())
		}
		if obj == nil || obj.Pkg() != nil && obj.Pkg() != s.pkg.Src.Types {
			continue
		}
		if _, found := scope.Innermost(at).LookupParent(obj.Name(), at); found != obj {
			return true
		}
	}
	return false
}

// spelledAt is the last place at which new variables are declared: ahead of the
// statement that holds the operation and stands beside the acquisition.
func (s *section) spelledAt() token.Pos {
	if len(s.obs) == 0 {
		return s.Acquire.Node.Pos()
	}
	op := s.obs[len(s.obs)-1].Op.Node
	at := op.Pos()
	for _, p := range s.climb(op) {
		if p.Owner == s.acquire.Owner {
			at = p.Stmt.Pos()
		}
	}
	return at
}

// spellable reports whether a type has only names that can be written in pkg.
func spellable(t types.Type, pkg *types.Package, seen map[types.Type]bool) bool {
	if seen[t] {
		return true
	}
	seen[t] = true
	in := func(t types.Type) bool { return spellable(t, pkg, seen) }
	switch t := t.(type) {
	case *types.Named:
		obj := t.Obj()
		if obj.Pkg() != nil && (obj.Pkg() != pkg && !obj.Exported() || obj.Parent() != obj.Pkg().Scope()) {
			return false // unexported elsewhere, or local to a function
		}
		for i := range t.TypeArgs().Len() {
			if !in(t.TypeArgs().At(i)) {
				return false
			}
		}
		return true
	case *types.Alias:
		return t.Obj().Pkg() == nil || t.Obj().Pkg() == pkg || t.Obj().Exported()
	case *types.Pointer:
		return in(t.Elem())
	case *types.Slice:
		return in(t.Elem())
	case *types.Array:
		return in(t.Elem())
	case *types.Chan:
		return in(t.Elem())
	case *types.Map:
		return in(t.Key()) && in(t.Elem())
	case *types.Signature:
		return inTuple(t.Params(), in) && inTuple(t.Results(), in)
	case *types.Struct:
		for i := range t.NumFields() {
			f := t.Field(i)
			if !in(f.Type()) || !f.Exported() && f.Pkg() != pkg {
				return false
			}
		}
		return true
	case *types.Basic, *types.TypeParam:
		return true
	case *types.Interface:
		return t.NumMethods() == 0
	}
	return false
}

func inTuple(t *types.Tuple, in func(types.Type) bool) bool {
	for i := range t.Len() {
		if !in(t.At(i).Type()) {
			return false
		}
	}
	return true
}
