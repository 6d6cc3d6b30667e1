package driver

import (
	"errors"
	"go/token"
	"testing"

	"github.com/lockfix/lockfix/rewrite/summary"
)

// A damaged list is found out before a fact is read, a damaged fact when it is.
func TestDamagedFacts(t *testing.T) {
	one, err := encoding.Marshal(fact{Func: (&summary.Func{NoReturn: true}).Pack()})
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
		{"without a function", factList{Names: []string{"f"}, Ends: []int{len(empty)}, Data: empty}, true, false},
		{"cut", factList{Names: []string{"f"}, Ends: []int{len(one) / 2}, Data: one[:len(one)/2]}, true, false},
	} {
		data, err := encoding.Marshal(test.list)
		if err != nil {
			t.Fatal(err)
		}
		l, err := new(known).open(data)
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
	if _, err := new(known).open(nil); err == nil || errors.Is(err, errDamaged) {
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
