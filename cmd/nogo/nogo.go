// Package nogo exports the analysis as Bazel's nogo takes analyzers: as a package
// with a variable Analyzer.
//
// It is one analyzer for all rules, because the findings of a function are planned
// together; which of them run is said by its flags select, ignore and level, under
// analyzer_flags in the configuration of nogo. The message has all there is to
// say: nogo prints nothing else. There is no .lockfix.yaml here, as it would be no
// input of the action: what functions do is said by comments in the code. Nogo
// checks no package of the standard library, so that of these only what lockfix
// knows by itself is known.
package nogo

import (
	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rules"
)

// Analyzer finds critical sections that can deadlock.
var Analyzer = rewrite.Analyzer(rewrite.Default, rules.All(), rewrite.Config{Fold: true})
