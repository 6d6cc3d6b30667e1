package driver

import (
	"go/token"
	"go/types"
	"sync"

	"github.com/lockfix/lockfix/rewrite/summary"
)

// A factTable answers what functions of finished packages do. Functions are known
// by their place in the shared file set: a package is checked more than once, and
// each time its functions are other objects.
type factTable struct {
	mu sync.RWMutex
	m  map[token.Pos]*summary.Func
}

func (t *factTable) add(p *summary.Package) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for fn, f := range p.Funcs {
		if fn.Pos().IsValid() {
			t.m[fn.Pos()] = f
		}
	}
}

func (t *factTable) of(fn *types.Func) *summary.Func {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.m[fn.Origin().Pos()]
}
