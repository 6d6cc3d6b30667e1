package summary

import (
	"go/types"
	"regexp"
)

// quietNames are func values that by convention compute something and come back
// for nothing: clocks, hashes, comparisons, constructors of plain values. They
// are foreign code of the lowest rank; a rule of its own looks at those.
var quietNames = regexp.MustCompile(`(?i)^(now|clock|.*now(fn|func)?|time(now|func)?|rand.*|hash.*|.*hash(fn|func|er)?|less.*|.*less(fn|func)?|cmp.*|compare.*|equal.*|eq|key(fn|func)?|.*keyfunc|size(fn|func|of)?|len(fn|func)?|format.*|marshal.*|unmarshal.*|encode.*|decode.*|clone.*|copy.*|string.*|log.*|debugf?|infof?|warnf?|errorf?|printf|tracef?)$`)

// isQuietValue judges the call of a func value by its name and type: it has a
// result, or writes a log.
func isQuietValue(c callee, t types.Type) bool {
	if c.value == nil || t == nil {
		return false
	}
	sig, ok := t.Underlying().(*types.Signature)
	if !ok || !quietNames.MatchString(c.value.Name()) {
		return false
	}
	return sig.Results().Len() > 0 || sig.Variadic()
}
