package duty

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"testing"
)

// Each field of a duty tells it apart from another, those that are added too: else a
// walk would be told what another one has found.
func TestEachFieldOfADutyTellsItApart(t *testing.T) {
	v := types.NewVar(token.Pos(7), nil, "v", types.Typ[types.Int])
	at := func(pos token.Pos) *ast.Ident { return &ast.Ident{NamePos: pos, Name: "x"} }
	call := &ast.CallExpr{Fun: at(3), Rparen: 5}
	other := map[string]any{
		"Begin": ast.Node(call), "Entry": true, "Fallible": true, "Ends": []ast.Node{call}, "Defers": []*ast.DeferStmt{{Call: call}},
		"Gives": []*ast.FuncLit{{Type: &ast.FuncType{Params: &ast.FieldList{}}, Body: block}}, "Values": []*types.Var{v}, "Field": "Body", "Wrapped": true, "Deadline": types.Object(v),
		"Hits": []ast.Node{call}, "Inverse": true,
	}
	seen := map[string]string{new(Duty).key(): "none"}
	for i := range reflect.TypeFor[Duty]().NumField() {
		name := reflect.TypeFor[Duty]().Field(i).Name
		if name == "Closes" {
			continue // what two functions do is not compared: see leaks
		}
		value, ok := other[name]
		if !ok {
			t.Errorf("nothing is known of the field %s", name)
			continue
		}
		d := &Duty{}
		reflect.ValueOf(d).Elem().Field(i).Set(reflect.ValueOf(value))
		if was, ok := seen[d.key()]; ok {
			t.Errorf("%s does not tell a duty apart from one with %s", name, was)
		}
		seen[d.key()] = name
	}
}

func TestAMemoTellsWhatWasFound(t *testing.T) {
	code := func(m *Memo, recovers bool) *Code {
		return &Code{Info: &types.Info{}, Block: block, Parent: func(ast.Node) ast.Node { return nil }, MayReturn: func(*ast.CallExpr) bool { return true }, Recovers: recovers, Memo: m}
	}
	begun := func(pos token.Pos) *Duty { return &Duty{Entry: true, Begin: &ast.Ident{NamePos: pos, Name: "x"}} }
	m := NewMemo()
	d := begun(7)
	found := Leaks(code(m, false), d)
	if len(found) != 1 || len(m.found) != 1 {
		t.Fatalf("%d leaks, %d kept, want 1 of each", len(found), len(m.found))
	}
	for key := range m.found {
		m.found[key] = []Leak{{Kind: Hit}, {Kind: Hit}}
	}
	after := m.Edited()
	for _, memo := range []*Memo{m, after} {
		got := Leaks(code(memo, false), d)
		if len(got) != 2 {
			t.Fatalf("%d leaks, want the 2 that are kept", len(got))
		}
		got[0].Kind = Lost // who asks may change what it gets
	}
	for _, test := range []struct {
		claim string
		code  *Code
		duty  *Duty
	}{
		{"the body recovers", code(after, true), d},
		{"another duty", code(after, false), begun(8)},
		{"a function that cannot be compared", code(after, false), &Duty{Entry: true, Begin: d.Begin, Closes: func(string) bool { return false }}},
		{"no memo", code(nil, false), d},
	} {
		if got := Leaks(test.code, test.duty); len(got) != 1 {
			t.Errorf("%s: %d leaks, want the 1 that a walk finds", test.claim, len(got))
		}
	}
	if len(m.found) != 1 {
		t.Errorf("%d are kept after the edit, want 1", len(m.found))
	}
	if got := Leaks(code(m, false), d); got[0].Kind != Hit {
		t.Error("what is kept was changed by who got it")
	}
}

// block is a body without statements.
var block = &ast.BlockStmt{Lbrace: 1, Rbrace: 2}
