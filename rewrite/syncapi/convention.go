package syncapi

import "go/types"

// Conventional guesses the class of a method of a foreign interface that the
// table does not know, from customs of naming.
func Conventional(fn *types.Func) (Class, bool) { return Foreign, false }
