package summary

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"
	"unicode"
)

// backdoors are the methods that functions of std call on what they are given as
// an interface, by package: a log line runs the String method of what it prints.
var backdoors = map[string][]string{
	"fmt":            {"Format", "GoString", "Error", "String"},
	"log":            {"Format", "GoString", "Error", "String"},
	"testing":        {"Format", "GoString", "Error", "String"},
	"log/slog":       {"LogValue", "MarshalJSON", "MarshalText", "Error", "String"},
	"encoding/json":  {"MarshalJSON", "MarshalText", "UnmarshalJSON", "UnmarshalText"},
	"sort":           {"Len", "Less", "Swap"},
	"container/heap": {"Len", "Less", "Swap", "Push", "Pop"},
}

// byTheBackDoor lists the declared methods that a call into std runs on its
// arguments. Each is called through a made selector, so that what it does is
// renamed as for any other call. A method of an embedded field is left out: a
// made selector cannot say which field.
func (p *Package) byTheBackDoor(call *ast.CallExpr) []target {
	c := p.at(call.Fun).callee
	if c.fn == nil || c.fn.Pkg() == nil {
		return nil
	}
	names := backdoors[c.fn.Pkg().Path()]
	if len(names) == 0 {
		return nil
	}
	var out []target
	for _, arg := range p.shown(c.fn, call) {
		for _, name := range names {
			m := p.methodShown(arg, name)
			if m == nil || p.summary(m) == nil {
				continue
			}
			sel := &ast.SelectorExpr{X: arg, Sel: &ast.Ident{NamePos: arg.Pos(), Name: name}}
			made := &ast.CallExpr{Fun: sel, Lparen: call.Lparen, Rparen: call.Rparen}
			out = append(out, target{fn: m, call: made, only: surely(c.fn)})
			if name == "Format" || name == "Error" {
				break // fmt asks no further
			}
		}
	}
	return out
}

// methodShown finds a method that an argument itself has.
func (p *Package) methodShown(arg ast.Expr, name string) *types.Func {
	t := p.Src.Info.TypeOf(arg)
	if t == nil || types.IsInterface(t) {
		return nil
	}
	if _, basic := t.(*types.Basic); basic {
		return nil
	}
	obj, index, _ := types.LookupFieldOrMethod(t, false, p.Src.Types, name)
	if m, ok := obj.(*types.Func); ok && len(index) == 1 {
		return m.Origin()
	}
	return nil
}

// methodsShown lists all methods that byTheBackDoor may ever find for a call.
func (p *Package) methodsShown(call *ast.CallExpr) []*types.Func {
	var out []*types.Func
	fn := p.at(call.Fun).fn
	for _, arg := range p.shown(fn, call) {
		for _, name := range backdoors[fn.Pkg().Path()] {
			if m := p.methodShown(arg, name); m != nil {
				out = append(out, m)
			}
		}
	}
	return out
}

// surely reports whether a function of std runs the methods whenever it is called.
// A log may be off, a format may show a value as a number, a sort of one element
// compares nothing.
func surely(fn *types.Func) bool {
	switch fn.Pkg().Path() {
	case "fmt":
		return !strings.HasSuffix(fn.Name(), "f")
	case "encoding/json":
		return strings.HasPrefix(fn.Name(), "Marshal")
	}
	return false
}

// shown lists the arguments of a call whose own methods it may run: those that go
// in as an interface, and of a format's those that a verb shows as text.
func (p *Package) shown(fn *types.Func, call *ast.CallExpr) []ast.Expr {
	sig := fn.Signature()
	n := sig.Params().Len()
	var out []ast.Expr
	for i, arg := range call.Args {
		at := min(i, n-1)
		if n == 0 {
			return nil
		}
		t := sig.Params().At(at).Type()
		if s, ok := t.(*types.Slice); ok && sig.Variadic() && at == n-1 {
			t = s.Elem()
		}
		if types.IsInterface(t) && (at == n-1 || !strings.HasPrefix(fn.Name(), "Fprint")) {
			out = append(out, arg)
		}
	}
	if n < 2 || !sig.Variadic() || !strings.HasSuffix(fn.Name(), "f") {
		return out
	}
	format := p.Src.Info.Types[call.Args[n-2]].Value
	if format == nil || format.Kind() != constant.String {
		return out
	}
	verbs, ok := verbsOf(constant.StringVal(format))
	if !ok || len(verbs) != len(out) {
		return out
	}
	var text []ast.Expr
	for i, verb := range verbs {
		if strings.ContainsRune("vsqxXw", verb) {
			text = append(text, out[i])
		}
	}
	return text
}

// verbsOf lists the verbs of a format, one an operand. It fails on a format whose
// verbs take their operands out of order or more than one each.
func verbsOf(format string) (verbs []rune, ok bool) {
	for {
		_, rest, found := strings.Cut(format, "%")
		if !found {
			return verbs, true
		}
		end := strings.IndexFunc(rest, func(r rune) bool { return r == '%' || unicode.IsLetter(r) })
		if end < 0 || strings.ContainsAny(rest[:end], "*[") {
			return nil, false
		}
		if rest[end] != '%' {
			verbs = append(verbs, rune(rest[end]))
		}
		format = rest[end+1:]
	}
}

// behind judges the methods that a call into std runs on its arguments.
func (p *Package) behind(call *ast.CallExpr) []Act {
	var acts []Act
	for _, t := range p.byTheBackDoor(call) {
		acts = append(acts, p.through(t.fn, p.summary(t.fn), t.call)...)
	}
	return acts
}

// Lends says what foreign code an operation runs that is harmless by custom: a
// comparator, what a value of an interface does to be shown. It is the lowest
// rank of foreign code; "" where there is none. Worse things are acts.
func (p *Package) Lends(n ast.Node) string {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return ""
	}
	c := p.callee(call.Fun)
	if t := p.Src.Info.TypeOf(call.Fun); c.value != nil && t != nil {
		sig, ok := t.Underlying().(*types.Signature)
		if ok && isQuietValue(c, t) && computes(c.value.Name(), t, sig) {
			return "calls " + types.ExprString(call.Fun)
		}
		return ""
	}
	entry, known := p.look(call.Fun).entry, p.look(call.Fun).known
	if !known || c.fn == nil || c.fn.Pkg() == nil {
		return ""
	}
	for _, i := range entry.Sync {
		if i >= len(call.Args) {
			continue
		}
		f := p.callee(call.Args[i])
		if f.value != nil && !p.isLocalLit(f.value) || f.iface {
			return "runs " + types.ExprString(call.Args[i])
		}
	}
	names := backdoors[c.fn.Pkg().Path()]
	if len(names) == 0 {
		return ""
	}
	shown := p.shown(c.fn, call)
	i := slices.IndexFunc(shown, func(arg ast.Expr) bool {
		t := p.Src.Info.TypeOf(arg)
		return t != nil && types.IsInterface(t) && !types.Identical(t, types.Universe.Lookup("error").Type())
	})
	if i < 0 {
		return ""
	}
	return "shows " + types.ExprString(shown[i]) + ", whose methods may be anything"
}
