package lockset

import (
	"go/ast"
	"go/token"
	"go/types"
	"math/rand/v2"
	"testing"

	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// states makes states at random from a few resources, sites and outcomes.
type states struct {
	rnd   *rand.Rand
	sites []*Acquisition
	guard *types.Var
}

func newStates() *states {
	st := &states{rnd: rand.New(rand.NewPCG(1, 2)), guard: types.NewVar(1, nil, "ok", types.Typ[types.Bool])}
	for i, name := range []string{"a", "b", "c"} {
		v := types.NewVar(token.Pos(i+1), nil, name, types.Typ[types.Int])
		for j := range 2 {
			node := &ast.Ident{NamePos: token.Pos(10*i + j + 1), Name: "lock"}
			st.sites = append(st.sites, &Acquisition{Change: Change{Resource: Rooted(v, Lock, nil), Mode: syncapi.Mode(j)}, Node: node})
		}
	}
	return st
}

// next is a state that some steps lead to.
func (st *states) next() State {
	if st.rnd.IntN(8) == 0 {
		return State{dead: true}
	}
	s := State{}
	for range st.rnd.IntN(6) {
		a := st.sites[st.rnd.IntN(len(st.sites))]
		switch st.rnd.IntN(5) {
		case 0:
			s = s.release(a.Resource)
		case 1:
			s = s.acquire(a, false, st.guard)
		case 2:
			s = s.settle(st.guard, st.rnd.IntN(2) == 0)
		default:
			s = s.acquire(a, true, nil)
		}
	}
	return s
}

func TestJoinIsASemilattice(t *testing.T) {
	st := newStates()
	for range 20_000 {
		a, b, c := st.next(), st.next(), st.next()
		if !same(join(a, a), a) {
			t.Fatalf("join is not idempotent on %v", a)
		}
		if !same(join(a, b), join(b, a)) {
			t.Fatalf("join is not commutative on %v and %v", a, b)
		}
		if !same(join(join(a, b), c), join(a, join(b, c))) {
			t.Fatalf("join is not associative on %v, %v and %v", a, b, c)
		}
	}
}

func TestJoinKeepsMustWithinMay(t *testing.T) {
	st := newStates()
	for range 20_000 {
		a, b := st.next(), st.next()
		j := join(a, b)
		for _, h := range j.held {
			x, inA := a.Find(h.key)
			y, inB := b.Find(h.key)
			if !inA && !inB {
				t.Fatalf("%v is held in neither", h.Expr)
			}
			if h.Must && (!a.dead && (!inA || !x.Must) || !b.dead && (!inB || !y.Must)) {
				t.Fatalf("%v is held for certain after joining %v and %v", h.Expr, a, b)
			}
		}
		for _, in := range []State{a, b} {
			for _, h := range in.held {
				if _, ok := j.Find(h.key); !ok {
					t.Fatalf("%v is lost by joining %v and %v", h.Expr, a, b)
				}
			}
		}
	}
}

func TestStepsLeaveTheirStateAlone(t *testing.T) {
	st := newStates()
	for range 5_000 {
		s := st.next()
		before := append([]Held(nil), s.held...)
		dropped := append([]Resource(nil), s.dropped...)
		for _, a := range st.sites {
			s.acquire(a, true, nil)
			s.release(a.Resource)
			s.sure(a.Resource.key)
		}
		s.settle(st.guard, true)
		s.settle(st.guard, false)
		s.forget(st.guard)
		join(s, st.next())
		if !same(s, State{held: before, dropped: dropped, dead: s.dead}) {
			t.Fatalf("a step changed %v", s)
		}
	}
}

func TestSettleDecidesWhatItsVariableTells(t *testing.T) {
	st := newStates()
	a := st.sites[0]
	s := State{}.acquire(a, false, st.guard)
	if h, ok := s.settle(st.guard, true).Find(a.Resource.key); !ok || !h.Must {
		t.Error("a success is not held")
	}
	if _, ok := s.settle(st.guard, false).Find(a.Resource.key); ok {
		t.Error("a failure is held")
	}
	if h, ok := s.forget(st.guard).settle(st.guard, true).Find(a.Resource.key); !ok || h.Must {
		t.Error("a variable that was assigned anew decides")
	}
}
