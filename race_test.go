//go:build race

package lockfix_test

// raceFlags are given to the tests that tests run.
var raceFlags = []string{"-race"}
