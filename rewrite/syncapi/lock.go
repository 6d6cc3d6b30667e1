package syncapi

import "go/types"

// lockMethods are the methods that make a lock, with the counterpart that each needs.
var lockMethods = map[string]struct {
	kind Kind
	mode Mode
	with string
}{
	"Lock":     {Acquire, Write, "Unlock"},
	"Unlock":   {Release, Write, "Lock"},
	"TryLock":  {Try, Write, "Unlock"},
	"RLock":    {Acquire, Read, "RUnlock"},
	"RUnlock":  {Release, Read, "RLock"},
	"TryRLock": {Try, Read, "RUnlock"},
}

// LockMethod recognises the methods of a lock by their shape, for types that
// the table does not know: the type, or interface, has the six names' pairs
// without parameters; a view for readers has RLock and RUnlock alone. A caller
// that can look inside asks its summaries first.
func LockMethod(fn *types.Func) (Kind, Mode, bool) {
	m, ok := lockMethods[fn.Name()]
	if !ok || fn.Signature().Recv() == nil {
		return None, Write, false
	}
	recv := fn.Signature().Recv().Type()
	if !lockShape(fn) || !hasLockMethod(recv, m.with) || m.kind == Try && !IsLock(recv) {
		return None, Write, false
	}
	return m.kind, m.mode, true
}

// IsLock reports whether t or *t has the methods Lock and Unlock, promoted ones
// included, without parameters and results.
func IsLock(t types.Type) bool {
	return hasLockMethod(t, "Lock") && hasLockMethod(t, "Unlock")
}

func hasLockMethod(t types.Type, name string) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
	fn, ok := obj.(*types.Func)
	return ok && lockShape(fn)
}

// lockShape: no parameters, and no result but the bool of the Try methods. A
// Lock that returns an error or a handle (flock, lease, redis) is another
// thing: who ignores the result holds nothing.
func lockShape(fn *types.Func) bool {
	sig := fn.Signature()
	if sig.Params().Len() > 0 {
		return false
	}
	if m := lockMethods[fn.Name()]; m.kind != Try {
		return sig.Results().Len() == 0
	}
	if sig.Results().Len() != 1 {
		return false
	}
	b, ok := sig.Results().At(0).Type().Underlying().(*types.Basic)
	return ok && b.Kind() == types.Bool
}

// IsSemaphore reports whether t is a counting semaphore.
func IsSemaphore(t types.Type) bool {
	n := named(t)
	return n != nil && pkgPath(n.Obj().Pkg()) == "golang.org/x/sync/semaphore" && n.Obj().Name() == "Weighted"
}
