//go:build !race

package lockfix_test

// raceFlags are given to the tests that tests run. The race detector needs a C
// compiler, so it is used only where this test itself runs under it.
var raceFlags []string
