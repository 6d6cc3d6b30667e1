// Package driver loads packages from source, runs an analysis on them, and keeps
// what it finds out for the next run.
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
// # Types come from export data
//
// What importers see of a package is its export data, read back, also in the run
// that checked it from source. So the scopes of its bodies, which hang on the
// types that the checker made, are dropped with its syntax; reading takes less than
// a sixth of the time of checking the declarations a second time, which did the same
// before. And an analysis sees the same of a package whether it was in the cache
// or not. Export data is written without positions: a comment changes nothing in
// it. Of the types of other packages it has the names (see package shallow), for those
// packages are there whenever it is read. What the reader does not understand, a generic
// alias that leads back to itself, is checked from source again. Of a package with
// errors there may be none; its declarations are checked once more, and nothing that
// depends on them is kept.
//
// # What is told needs no code
//
// Of a package that the table of package syncapi describes nobody asks for facts
// (see package summary): there only the declarations are checked, unless it was
// asked for, or a directive in it says more than the table. On a server of 585
// packages these are 380, runtime, net/http and protobuf among them, and a run with
// an empty cache takes two thirds of the time and memory. That the findings are the
// same is no accident of this driver: an analysis that has the facts, as one under
// go vet, does not look at them either.
//
// # What is kept, and by which key
//
// An entry is the export data and the facts of one package, and where its
// declarations stand. Its key hashes the program that made it, the vocabulary, the
// files, and of all that the package imports, directly or not, what importers see
// (see node.deep): a package whose types and facts come out as before changes no
// key above it. What a visit has kept has a key of its own: that of the entry, the
// purpose of the visit, and the files beside those of the package.
//
// Of a package that nothing imports no types and facts are made: as soon as something
// does, it is computed once more. Programs and test variants are many.
//
// Direct imports only would not do: of types further away export data says no more
// than their names, and facts are asked of any function that a value leads to.
//
// # Facts are decoded when they are asked for
//
// Most functions of a program are never called from another package, and what can be
// told of those in the middle of it is long: locks at the ends of chains of calls.
// Each fact is encoded for itself, without its words, positions and the beginnings
// of chains that it shares with others, and what is decoded of it is held weakly.
// Measured on 2,000 packages whose calls go deep, the facts decoded as a whole were half
// of what was alive, and to collect around them took two fifths of the CPU time. The
// encoded ones of packages that are computed lie in a file without a name until they
// are asked for: they were a fifth of what was left, and a fifteenth of the CPU time.
//
// # Positions
//
// Facts and findings name places in other packages. They are kept as a
// declaration, a line from there and a column ([Place]), so that an edit above
// neither changes a fact nor makes a frame lie; the layout of a package, which an
// entry has beside the facts, finds the line again. In a run such places get
// positions in files without text, whose lines are of one length.
//
// # The listing is remembered
//
// So is what go list said, with stamps of all that it depends on (see listing). A
// file that changed without its package clause, imports, constraints and cgo
// directives changes no listing. On any doubt go list is asked again: errors,
// files that change while it runs, a standard library without a version.
//
// So is what a whole run came to (see outcome): one after which nothing has changed
// builds no graph and asks no package. On a server of 585 packages half of what is left
// is the start of the program.
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
