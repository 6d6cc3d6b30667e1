package driver

import (
	"errors"
	"go/token"
	"runtime"
	"slices"
	"testing"

	"github.com/lockfix/lockfix/rewrite/summary"
)

// A damaged list is found out before a fact is read, a damaged fact when it is.
func TestDamagedFacts(t *testing.T) {
	one, err := encoding.Marshal(fact{Func: (&summary.Func{NoReturn: true}).Pack()})
	if err != nil {
		t.Fatal(err)
	}
	lock := &summary.Func{NoReturn: true, Locks: []summary.Lock{{}}}
	placed, err := encoding.Marshal(fact{Func: lock.Pack(), Words: []uint{0, 0, 1, 0, 0}, Places: []declOffset{{}}})
	if err != nil {
		t.Fatal(err)
	}
	empty, err := encoding.Marshal(fact{})
	if err != nil {
		t.Fatal(err)
	}
	find := func(declRef) spot { return spot{} }
	pos := func(spot, int, int) token.Pos { return token.NoPos }
	for _, test := range []struct {
		name       string
		list       factList
		open, read bool // whether that succeeds
	}{
		{"whole", factList{Names: []string{"f"}, Ends: []int{len(one)}, Data: one}, true, true},
		{"without an end", factList{Names: []string{"f"}, Data: one}, false, false},
		{"ends too early", factList{Names: []string{"f"}, Ends: []int{len(one) - 1}, Data: one}, false, false},
		{"ends too late", factList{Names: []string{"f"}, Ends: []int{len(one) + 1}, Data: one}, false, false},
		{"ends before it begins", factList{Names: []string{"e", "f"}, Ends: []int{len(one), 0}, Data: one}, false, false},
		{"ends below zero", factList{Names: []string{"e", "f"}, Ends: []int{-1, len(one)}, Data: one}, false, false},
		{"with a declaration without a word", factList{Names: []string{"f"}, Ends: []int{len(one)}, Data: one, Decls: []declNumbers{{Decl: 1}}, Words: []string{""}}, false, false},
		{"without its words", factList{Names: []string{"f"}, Ends: []int{len(placed)}, Data: placed, Decls: []declNumbers{{}}}, false, false},
		{"with one word too few", factList{Names: []string{"f"}, Ends: []int{len(placed)}, Data: placed, Words: []string{""}, Decls: []declNumbers{{}}}, true, false},
		{"without its declaration", factList{Names: []string{"f"}, Ends: []int{len(placed)}, Data: placed, Words: []string{"", "p.mu"}}, true, false},
		{"whole, with a lock", factList{Names: []string{"f"}, Ends: []int{len(placed)}, Data: placed, Words: []string{"", "p.mu"}, Decls: []declNumbers{{}}}, true, true},
		{"without a function", factList{Names: []string{"f"}, Ends: []int{len(empty)}, Data: empty}, true, false},
		{"cut", factList{Names: []string{"f"}, Ends: []int{len(one) / 2}, Data: one[:len(one)/2]}, true, false},
	} {
		data, err := encoding.Marshal(test.list)
		if err != nil {
			t.Fatal(err)
		}
		l, err := new(known).open(inMemory(data))
		if (err == nil) != test.open {
			t.Errorf("%s: opening it: %v", test.name, err)
		}
		if err != nil {
			continue
		}
		f, err := l.fact("f", find, pos)
		if (err == nil) != test.read || test.read != (f != nil && f.NoReturn) {
			t.Errorf("%s: reading it: %+v, %v", test.name, f, err)
		}
	}
	if _, err := new(known).open(lot{}); err == nil || errors.Is(err, errDamaged) {
		t.Errorf("no list: %v", err)
	}
}

// What a list does not have is unknown, what has nothing to tell is known.
func TestFactsThatAreNotThere(t *testing.T) {
	l := &opened{factList: factList{Names: []string{"f"}, Ends: []int{0}}}
	for name, want := range map[string]*summary.Func{"f": nothing, "g": nil, "": nil} {
		if got, err := l.fact(name, nil, nil); got != want || err != nil {
			t.Errorf("%q: %v, %v, want %v", name, got, err, want)
		}
	}
}

// What a collection took is decoded again, the same; and what somebody uses is not.
func TestFactsAreDecodedAgain(t *testing.T) {
	one, err := encoding.Marshal(fact{Func: (&summary.Func{Runs: []int{1, 2}}).Pack()})
	if err != nil {
		t.Fatal(err)
	}
	data, err := encoding.Marshal(factList{Names: []string{"f"}, Ends: []int{len(one)}, Data: one})
	if err != nil {
		t.Fatal(err)
	}
	k := new(known)
	read := func() *summary.Func {
		l, err := k.open(inMemory(data))
		if err != nil {
			t.Fatal(err)
		}
		f, err := l.fact("f", nil, nil)
		if err != nil || !slices.Equal(f.Runs, []int{1, 2}) {
			t.Fatalf("%+v, %v", f, err)
		}
		return f
	}
	l, err := k.open(inMemory(data))
	if err != nil {
		t.Fatal(err)
	}
	first := read()
	runtime.GC()
	if read() != first {
		t.Error("what is in use is decoded twice")
	}
	runtime.KeepAlive(first)
	runtime.KeepAlive(l)
	l, first = nil, nil
	runtime.GC()
	if k.list.Value() != nil {
		t.Error("what nobody uses is kept")
	}
	read()
}
