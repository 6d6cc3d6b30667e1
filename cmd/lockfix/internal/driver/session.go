package driver

import (
	"errors"
	"go/token"
	"go/types"
	"sync/atomic"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
)

// A Session keeps in memory what runs have in common, for a server that runs again
// after each change: the types and facts of packages, and what was found out of
// files that are open and not saved. One run at a time uses it, a second one fails.
//
// What is loaded is known by the package and by what importers see of it and of all
// that it imports (node.deep). So there is one of each, and all types that one
// refers to are those of this session. To forget one would make a second of it
// while others still refer to the first: only all are forgotten together.
type Session struct {
	busy   atomic.Bool // no lock: a run calls others, who may run again
	fset   *token.FileSet
	atlas  *atlas
	loaded map[loadedKey]*loaded
	edits  *store.Store         // of packages with open files
	aside  *aside               // facts of packages that were computed
	scenes map[store.Key]*scene // of the last runs, by their arguments
}

type loadedKey struct {
	pkg  string
	deep store.Key
}

// A loaded is the types and facts of a package.
type loaded struct {
	types *types.Package
	refs  []string // other packages that the types refer to
	entry *entry   // nil: in the store only
	known known    // of its facts
}

// NewSession returns a session that knows nothing.
func NewSession() *Session {
	s := new(Session)
	s.forget()
	return s
}

func (s *Session) forget() {
	s.fset = token.NewFileSet()
	s.atlas = newAtlas(s.fset)
	s.loaded = make(map[loadedKey]*loaded)
	s.edits = store.Memory()
	s.aside = new(aside)
	s.scenes = make(map[store.Key]*scene)
}

var errBusy = errors.New("a run uses the session already")

// spare is how many packages a session may have loaded that the last run had no use
// for, before it forgets all.
const spare = 500

// tidy forgets what piled up. It is called between runs.
func (s *Session) tidy(used int) {
	if len(s.loaded) > used+spare {
		s.forget()
	}
}

// find returns what is loaded of a package.
func (s *Session) find(n *node) *loaded {
	if n.deep == (store.Key{}) {
		return nil
	}
	return s.loaded[loadedKey{n.meta.ImportPath, n.deep}]
}

func (s *Session) add(n *node) {
	if n.deep != (store.Key{}) {
		s.loaded[loadedKey{n.meta.ImportPath, n.deep}] = n.loaded
	}
}
