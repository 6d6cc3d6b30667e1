package uses

import "go/types"

// implementers knows the types of the package by the names of their methods: of a
// hundred types one or two have a method that an interface asks for.
type implementers struct {
	byMethod map[string][]*types.TypeName // that declare it themselves
	embed    []*types.TypeName            // that may have methods of what they embed
	rank     map[*types.TypeName]int
}

// candidates lists the types of the package that may have a method of a name, in
// source order, interfaces and aliases left out.
func (x *Index) candidates(method string) []*types.TypeName {
	x.implOnce.Do(x.sortTypes)
	own, embed := x.impl.byMethod[method], x.impl.embed
	var out []*types.TypeName
	for len(own)+len(embed) > 0 {
		if len(embed) == 0 || len(own) > 0 && x.impl.rank[own[0]] < x.impl.rank[embed[0]] {
			out, own = append(out, own[0]), own[1:]
			continue
		}
		out, embed = append(out, embed[0]), embed[1:]
	}
	return out
}

func (x *Index) sortTypes() {
	x.impl = &implementers{byMethod: make(map[string][]*types.TypeName), rank: make(map[*types.TypeName]int)}
	for i, tn := range x.types {
		x.impl.rank[tn] = i
		named, ok := types.Unalias(tn.Type()).(*types.Named)
		if tn.IsAlias() || types.IsInterface(tn.Type()) {
			continue
		}
		if !ok || embeds(named) {
			x.impl.embed = append(x.impl.embed, tn)
			continue
		}
		for i := range named.NumMethods() {
			name := named.Method(i).Name()
			x.impl.byMethod[name] = append(x.impl.byMethod[name], tn)
		}
	}
}

// embeds reports whether a type is a struct that embeds something.
func embeds(named *types.Named) bool {
	s, ok := named.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range s.Fields() {
		if f.Embedded() {
			return true
		}
	}
	return false
}
