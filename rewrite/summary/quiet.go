package summary

import (
	"go/types"
	"strings"

	"github.com/lockfix/lockfix/rewrite/internal/pattern"
)

// quietNames are func values that by convention compute something and come back
// for nothing: clocks, hashes, comparisons, constructors of plain values. They
// are foreign code of the lowest rank: see Lends.
var quietNames = pattern.New(`(?i)^(now|clock|.*now(fn|func)?|time(now|func)?|rand.*|jitter.*|hash.*|.*hash(fn|func|er)?|less.*|.*less(fn|func)?|cmp.*|compare.*|equal.*|eq|key(fn|func)?|.*keyfunc|.*size(fn|func|of)?|len(fn|func)?|format.*|marshal.*|unmarshal.*|encode.*|decode.*|clone.*|copy.*|string.*|log.*|debugf?|infof?|warnf?|errorf?|printf|tracef?|new[A-Z0-9_].*|make[A-Z0-9_].*|listen.*|match[A-Z].*|closer|.*once|.*(factory|constructor|selector|selectorfn|selectorfunc))$`)

var (
	optionType  = pattern.New(`(?i)(opt|opts|option|options|setter)(fn|func)?$`)
	optionVar   = pattern.New(`^(o|opt|option|apply|setter)$`)
	stopName    = pattern.New(`(?i)^stop|cancel`)
	factoryName = pattern.New(`(Func|Fn)$`)
	testName    = pattern.New(`(?i)test|failpoint|inject`)
)

// isQuietValue judges the call of a func value by its name and type.
func isQuietValue(c callee, t types.Type) bool {
	if c.value == nil || t == nil {
		return false
	}
	sig, ok := t.Underlying().(*types.Signature)
	if !ok {
		return false
	}
	name := c.value.Name()
	if isOption(name, t, sig) || isCancel(name, t, sig) || isFactory(name, t, sig) || testName.MatchString(name) {
		return true
	}
	return computes(name, t, sig)
}

// computes: by the name of the value or of its type it only computes something.
func computes(name string, t types.Type, sig *types.Signature) bool {
	if !quietNames.MatchString(name) && !quietNames.MatchString(typeName(t)) {
		return false
	}
	return sig.Results().Len() > 0 || sig.Variadic()
}

func typeName(t types.Type) string {
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

// isOption: a functional option sets fields of the configuration that it gets.
func isOption(name string, t types.Type, sig *types.Signature) bool {
	if sig.Params().Len() == 0 {
		return false
	}
	return optionType.MatchString(typeName(t)) || optionVar.MatchString(name)
}

// isCancel: cancel of type func() is what a context gave, stop with a bool
// what context.AfterFunc or a timer gave. A type of its own is another thing.
func isCancel(name string, t types.Type, sig *types.Signature) bool {
	if _, named := types.Unalias(t).(*types.Named); named || !stopName.MatchString(name) {
		return false
	}
	if sig.Results().Len() == 0 {
		one := sig.Params().Len() == 1 && types.TypeString(sig.Params().At(0).Type(), nil) == "error"
		return strings.Contains(strings.ToLower(name), "cancel") && (sig.Params().Len() == 0 || one)
	}
	return sig.Params().Len() == 0 && returnsOnlyBool(sig)
}

// isFactory: a somethingFunc that returns a something makes one. With a context
// it asks for it instead.
func isFactory(name string, t types.Type, sig *types.Signature) bool {
	if sig.Results().Len() == 0 || takesContext(sig) || !factoryName.MatchString(name) && !factoryName.MatchString(typeName(t)) {
		return false
	}
	made := sig.Results().At(0).Type()
	if types.Identical(made, types.Universe.Lookup("error").Type()) {
		return false
	}
	_, basic := made.Underlying().(*types.Basic)
	return !basic
}

func takesContext(sig *types.Signature) bool {
	for v := range sig.Params().Variables() {
		if isContext(v.Type()) {
			return true
		}
	}
	return false
}

func returnsOnlyBool(sig *types.Signature) bool {
	if sig.Results().Len() != 1 {
		return false
	}
	b, ok := sig.Results().At(0).Type().Underlying().(*types.Basic)
	return ok && b.Kind() == types.Bool
}
