package rule

import (
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// Message words an observation: the operation, what it does, the resource.
// "send on w.ready blocks while s.mu is held".
func Message(o *hazard.Observation) string {
	held := " is held"
	if o.Held.Caller != "" {
		held = " is held by the caller"
	}
	return o.What + " " + does(o) + " while " + o.Held.Expr + held
}

// does says what is wrong with the operation, by its class: a call can be wrong
// in any of these ways, every other kind in one.
func does(o *hazard.Observation) string {
	switch o.Class {
	case syncapi.Locks:
		return "takes another lock"
	case syncapi.Foreign:
		return "runs foreign code"
	case syncapi.Outside:
		return "waits for the outside"
	default:
		return "blocks"
	}
}

// HoldsToken reports whether the resource that is hurt is a token: a semaphore
// slot, a slot of a channel used as one, or a value with a release.
func HoldsToken(o *hazard.Observation) bool {
	switch o.Held.Sort {
	case lockset.Semaphore, lockset.ChanSem, lockset.Token:
		return true
	}
	return false
}

// CallsBack reports whether the operation runs code that this package does not
// know: directly, or at the end of its call chain.
func CallsBack(o *hazard.Observation) bool {
	return o.Kind == hazard.Callback || o.Kind == hazard.Call && o.Class == syncapi.Foreign
}
