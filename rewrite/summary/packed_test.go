package summary_test

import (
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"testing"

	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// chained is a program whose locks and acts lie behind calls that begin alike.
const chained = `
func (s *S) a() { s.mu.Lock(); s.mu.Unlock(); s.ch <- 1 }
func (s *S) b() { s.nu.Lock(); s.mu.Lock(); s.mu.Unlock(); s.nu.Unlock(); once.Do(s.a) }
func (s *S) c() { s.a(); s.b() }
func (s *S) d(f func()) { s.c(); s.rw.Lock(); s.c(); f(); s.rw.Unlock() }
func (s *S) e() { s.d(func() { s.c() }) }
func (s *S) none() {}
var once sync.Once
`

// What is unpacked is what was packed, chains and positions included, and what was
// packed is as it was.
func TestPackedSummariesComeBack(t *testing.T) {
	src := check.Package(t, prelude+chained)
	p, again := summary.Analyze(src, nil), summary.Analyze(src, nil)
	calls, frames := 0, 0
	same := func(fn *types.Func, what string, got *summary.Func) {
		t.Helper()
		if want := again.Funcs[fn]; !reflect.DeepEqual(got, want) || fmt.Sprint(positions(got)) != fmt.Sprint(positions(want)) {
			t.Errorf("%s %s\n got %+v\nwant %+v", fn.Name(), what, got, want)
		}
	}
	for fn, f := range p.Funcs {
		packed := f.Pack()
		calls += len(packed.Calls)
		frames += len(chainsOf(f))
		bare := f.Pack()
		bare.Words(func(word *string) { *word = "" })
		bare.Positions(func(pos *token.Pos) { *pos = token.NoPos })
		same(fn, "has been packed and is", f)
		same(fn, "unpacked is", packed.Unpack())
	}
	if frames < 20 || calls > frames*2/3 {
		t.Errorf("%d calls for %d frames: they are not shared", calls, frames)
	}
}

// chainsOf lists all frames of a summary.
func chainsOf(f *summary.Func) (all []summary.Frame) {
	for _, a := range f.Acts {
		all = append(all, a.Via...)
	}
	for _, list := range [][]summary.Lock{f.Locks, f.Onces} {
		for _, l := range list {
			all = append(all, l.Via...)
		}
	}
	for _, g := range f.Guards {
		all = append(all, g.Via...)
	}
	for _, e := range f.Edges {
		all = append(all, e.Via...)
	}
	return all
}

func positions(f *summary.Func) (all []token.Pos) {
	for _, frame := range chainsOf(f) {
		all = append(all, frame.Pos())
	}
	for _, l := range f.Locks {
		all = append(all, l.Pos())
	}
	for _, a := range f.Acts {
		all = append(all, a.Pos())
	}
	return all
}

// A driver sets the positions of what it has packed: each is there to be set.
func TestPositionsOfPackedSummaries(t *testing.T) {
	src := check.Package(t, prelude+chained)
	for fn, f := range summary.Analyze(src, nil).Funcs {
		packed := f.Pack()
		next := token.Pos(1000)
		packed.Positions(func(pos *token.Pos) { *pos = next; next++ })
		for _, pos := range positions(packed.Unpack()) {
			if pos < 1000 || pos >= next {
				t.Errorf("%s has a position %d that was not set", fn.Name(), pos)
			}
		}
	}
}

// What is damaged is nothing, and does no harm.
func TestDamagedPackedSummaries(t *testing.T) {
	lock := summary.Lock{Class: "p.T.mu"}
	for _, p := range []*summary.Packed{
		{},
		{Func: &summary.Func{Locks: []summary.Lock{lock}}},
		{Func: &summary.Func{Locks: []summary.Lock{lock}}, Ends: []uint{1}},
		{Func: &summary.Func{Locks: []summary.Lock{lock}}, Ends: []uint{1}, Calls: []summary.PackedCall{{Before: 1}}},
		{Func: &summary.Func{Locks: []summary.Lock{lock}}, Ends: []uint{2}, Calls: []summary.PackedCall{{}, {Before: 9}}},
	} {
		if f := p.Unpack(); f != nil {
			t.Errorf("%+v comes out as %+v", p, f)
		}
	}
}
