package hazard

import (
	"cmp"
	"go/ast"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// A Fault is a place that is wrong by itself, whatever runs while a resource is
// held: a path that leaks, an order that is inverted, a waiter that nobody
// wakes. An [Observation], in contrast, is wrong because of what is held.
type Fault struct {
	Pkg      *summary.Package
	Body     *lockset.Body    // the body that it stands in
	Section  *lockset.Section // the critical section that it is about; nil if none
	Sort     FaultSort
	Node     ast.Node   // where it is reported
	What     string     // the message: "s.mu is locked again in s.Len"
	Resource string     // what it is about, as a person writes it: "s.mu"; "" if nothing has a name
	Why      string     // what makes it so bad, or not worse than its level
	Chain    []Frame    // from the place down to what is wrong, or along the path that is
	Peer     []Frame    // the other side, outermost first
	Spots    []ast.Node // what a fix works on; the sort says what they are
	Must     bool       // it is so on every path that comes by the Spots
	Level    Level
	Two      bool            // of an inverted order: there are two sides, no more
	Also     []Frame         // of an inverted order with two sides: who else of this package takes them in this order
	Order    []*summary.Edge // of an inverted order: the edges that make it, as far as they are edges
}

// A FaultSort tells the sorts of faults apart. Each is declared beside the
// detector that finds it, with what its Spots are, and reported by one rule.
type FaultSort string

// A detector finds the faults of some sorts in a package.
type detector struct {
	sorts []FaultSort
	find  func(*view) []*Fault
}

// of makes a detector of one that needs the package only.
func of(find func(*summary.Package) []*Fault) func(*view) []*Fault {
	return func(v *view) []*Fault { return find(v.Package) }
}

var detectors = []detector{
	{[]FaultSort{AbandonedSend}, abandonedSends},
	{[]FaultSort{UnloopedWait}, of(unloopedWaits)},
	{[]FaultSort{UncheckedAcquire}, of(droppedResults)},
	{[]FaultSort{IgnoredContext}, (*view).ignoredContexts},
	{[]FaultSort{IgnoredDone}, ignoredDones},
	{[]FaultSort{PartialWait}, of(partialWaits)},
	{[]FaultSort{SpawnWait}, of(spawnWaits)},
	{[]FaultSort{SelfJoin}, of(selfJoins)},
	{[]FaultSort{SelfSend}, of(selfSends)},
	{[]FaultSort{DrainedTimer}, of(drainedTimers)},
	{[]FaultSort{LostWake}, of(lostWakes)},
	{[]FaultSort{NeverWoken}, of(neverWoken)},
	{[]FaultSort{SkippedClose}, of(skippedCloses)},
	{[]FaultSort{LatePublish}, latePublishes},
	{leakSorts, of(leaks)},
	{[]FaultSort{EnvelopeDropped}, envelopesDropped},
	{[]FaultSort{TokenOmitted}, tokensOmitted},
	{guardSorts, guards},
	{[]FaultSort{TimerLeft}, timersLeft},
	{[]FaultSort{Relocked, Reread, Upgraded, SameObject, OnceInside, LockedForUnlock}, of(relocks)},
	{[]FaultSort{Inverted, SelfInverted}, of(orders)},
	{[]FaultSort{LeafLocks}, of(leafs)},
}

// FaultSorts lists all sorts of faults.
func FaultSorts() []FaultSort {
	var out []FaultSort
	for _, d := range detectors {
		out = append(out, d.sorts...)
	}
	return out
}

// Faults returns the faults of a package in source order.
func Faults(p *summary.Package) []*Fault {
	var out []*Fault
	v := newView(p)
	for _, d := range detectors {
		out = append(out, d.find(v)...)
	}
	sortFaults(out)
	return out
}

func sortFaults(list []*Fault) {
	slices.SortStableFunc(list, func(a, b *Fault) int {
		return cmp.Compare(a.Node.Pos(), b.Node.Pos())
	})
}
