package driver

import (
	"sync"

	"github.com/fxamacker/cbor/v2"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
)

// An entry is what importers see of a package, as it is kept.
type entry struct {
	_ struct{} `cbor:",toarray"`

	Alone  bool              // nothing imported it: it has no Types and Facts
	Sum    store.Key         // of Types and Facts
	Types  []byte            // export data, without positions
	Refs   []string          // paths of other packages that Types refers to
	Facts  []byte            // a factList
	Layout cbor.RawMessage   // a layout; few are ever asked for
	Notes  map[string]string // what Config.Loaded made of it

	facts  lot // Facts
	layout func() *layout
}

// ready makes an entry ready for questions: its facts lie somewhere, and its layout is
// decoded at the first one.
func (e *entry) ready(facts lot) {
	e.facts, e.Facts = facts, nil
	e.layout = sync.OnceValue(func() *layout {
		l := new(layout)
		if decoding.Unmarshal(e.Layout, l) != nil {
			return nil
		}
		e.Layout = nil
		return l
	})
}

// encoding writes the same value always in the same way.
var encoding = func() cbor.UserBufferEncMode {
	mode, err := cbor.CoreDetEncOptions().UserBufferEncMode()
	if err != nil {
		panic(err) // the options are constant
	}
	return mode
}()

// decoding reads what encoding wrote, lists of any length.
var decoding = func() cbor.DecMode {
	mode, err := cbor.DecOptions{MaxArrayElements: 1 << 30, MaxMapPairs: 1 << 30}.DecMode()
	if err != nil {
		panic(err) // the options are constant
	}
	return mode
}()
