package summary

import (
	"go/types"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/source"
)

// A Package is one package understood: the bodies with their lock sets and
// what each of its functions does, seen from outside.
type Package struct {
	Src    *source.Package
	Bodies []*lockset.Body
	Funcs  map[*types.Func]*Func
	Index  *Index
}

// A Func is what a call of a function does, seen from outside.
type Func struct{}

// An Index answers questions about all uses of a field, variable or channel in
// the package.
type Index struct{}
