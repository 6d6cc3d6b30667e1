package driver

import (
	"errors"
	"go/types"
)

var (
	errNotListed = errors.New("go list does not know it")
	errCycle     = errors.New("it imports this package in turn")
	errFault     = errors.New("checking it met a fault")
)

// importer resolves the imports of one package among finished ones.
type importer struct {
	*node
	world *world
}

func (i importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	dep := i.imports[path]
	if dep == nil {
		return nil, errNotListed
	}
	if !dep.finished() {
		return nil, errCycle
	}
	i.world.load(dep)
	if dep.types == nil {
		return nil, errFault
	}
	if dep.meta.Error != nil && len(dep.meta.GoFiles)+len(dep.meta.CgoFiles) == 0 {
		return nil, errors.New(dep.meta.Error.Err)
	}
	return dep.types, nil
}
