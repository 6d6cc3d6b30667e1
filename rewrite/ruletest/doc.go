// Package ruletest runs a rule's example and test data.
//
// # Archives
//
// testdata holds txtar archives. example.txtar is the before and after of the
// rule's page; every other archive is one reason to report or not, to edit or
// not. The first line of an archive's comment says the claim; a later line
// "go 1.20" sets the language version. Its files are a small module:
//
//	x.go          a file of the package; dep/dep.go one of a package that it imports
//	x.go.fixed    what lockfix -w makes of x.go; missing: nothing
//	x.go.unsafe   what lockfix -w --unsafe-fixes makes of it; missing: the same as -w
//	x_test.go     run by go test: deadlocks with x.go, passes with what fixes it;
//	              tests that are named TestSame pass with both
//
// # Expectations
//
// A comment on the line of a finding says what is found there:
//
//	// want NAME "regexp"                    a finding with such a message
//	// want NAME deadlock "regexp"           ... of that level
//	// want NAME "regexp" refused "open"     ... without a fix, because of that obligation
//	// want NAME "regexp" assumed "order"    ... whose fix assumes exactly these obligations
//	// want NAME "regexp" safe               ... whose fix is safe
//
// Several may follow each other on one line. Where an edit rewrites the end of the
// line, a /* // want … */ stands ahead of it; where any comment would stand in the
// way, a line of the archive's comment has it: "want x.go:12 NAME ...". Findings
// below level hazard need no comment. What is not wanted fails.
//
// # Laws
//
// Every archive holds that the input and each result type-check and are as
// gofmt writes them, that each comment stands exactly once in a result, that a
// result has nothing left to apply, that a second run says the same, and that
// the input is untouched. The goldens are held to them as well, so that a wrong
// golden fails before any rule is asked.
//
// All archives are checked against one importer that reads the standard library
// from source: loading that dominates, and one package or forty cost the same.
//
// The flag -update writes the goldens; -behaviour.race and -behaviour.count=20
// run the tests of archives harder.
package ruletest
