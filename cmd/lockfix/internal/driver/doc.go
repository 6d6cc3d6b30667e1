// Package driver loads packages from source and runs an analysis on them.
//
// # Why not go/packages
//
// Measured on a module of 1,614 packages: go/packages with checker.Analyze keeps
// the syntax of every dependency and needs 6 GB; a unit checker under go vet
// compiles first and takes two and a half times as long. This driver asks plain
// go list for the graph, which compiles nothing, checks each package from source
// in dependency order, analyses it, keeps its types and facts and drops the
// rest. Should go/packages learn to drop syntax, it would be the better choice.
//
// # Each package is checked twice
//
// Once with function bodies, to analyse it, and once more without, for its
// importers. The second check costs a seventh of the time of loading; without it
// the variables and scopes of every body of the program stay reachable from the
// scopes of the packages: 2.0 instead of 1.5 GB at the peak on that module. Facts
// are therefore found by the place of a function, not by its object. Reading
// export data back would do the same and lose the places. What would change our
// mind: a way to drop a package's inner scopes.
//
// # Fixed packages
//
// What the visitor of a package returns stands for it from then on: packages
// that import a fixed package are analysed against the fixed one, so that a
// fixed point of the whole program needs no second pass over it.
//
// # What a test variant owns
//
// With tests a file may belong to several packages: p and p [p.test]. Each file
// is owned by the first package that lists it, variants last, and is reported
// and edited there only. A variant reads the files of its base package after
// they were fixed.
//
// # What runs
//
// Nothing of the program. The go command is asked by go env and go list, without
// the fields for which list would compile: no compiler, no cgo or pkg-config, no
// generator, tool or test is run. It is told -buildvcs=false, because git runs
// what .git/config names, and -mod=readonly where GOFLAGS would let it change
// go.mod. What is left is what go list itself does: it reads go.mod, go.work and
// the Go files, downloads modules that are missing, and changes to the toolchain
// that go.mod names, unless GOPROXY=off and GOTOOLCHAIN=local forbid it.
//
// Places are physical ones: //line directives are ignored, so that what is
// reported or edited is always a file that go list named. One behind a link that
// leads out of its module is edited only when the user named it.
package driver
