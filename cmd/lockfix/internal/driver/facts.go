package driver

import (
	"go/types"
	"sync"

	"github.com/lockfix/lockfix/rewrite/summary"
)

// A factTable answers what functions of finished packages do.
type factTable struct{ m sync.Map } // *types.Package to map[*types.Func]*summary.Func

func (t *factTable) add(pkg *types.Package, p *summary.Package) { t.m.Store(pkg, p.Funcs) }

func (t *factTable) of(fn *types.Func) *summary.Func {
	fn = fn.Origin()
	if fn.Pkg() == nil {
		return nil
	}
	funcs, ok := t.m.Load(fn.Pkg())
	if !ok {
		return nil
	}
	return funcs.(map[*types.Func]*summary.Func)[fn]
}
