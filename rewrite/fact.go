package rewrite

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"github.com/lockfix/lockfix/rewrite/summary"
)

// A Fact carries what a function does to the packages that import it.
//
// Drivers encode facts by gob, which writes maps in no order: a package would have
// other facts each time, and a driver that keeps results by what a package imports
// would never find one. So a Fact encodes itself.
type Fact struct{ Func *summary.Func }

// AFact marks Fact as a fact.
func (*Fact) AFact() {}

func (f *Fact) String() string { return fmt.Sprintf("%+v", f.Func) }

var factEncoding = func() cbor.EncMode {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err) // options that contradict each other
	}
	return mode
}()

// GobEncode encodes the same fact to the same bytes.
func (f *Fact) GobEncode() ([]byte, error) { return factEncoding.Marshal(f.Func) }

// GobDecode reads what GobEncode wrote.
func (f *Fact) GobDecode(data []byte) error { return cbor.Unmarshal(data, &f.Func) }
