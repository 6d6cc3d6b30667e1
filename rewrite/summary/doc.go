// Package summary says what a call does, for every function of a package:
// whether and on what it may block, what it wakes and calls back, which
// resources it acquires, releases, leaves held or needs held. Summaries travel
// between packages as facts.
//
// # How
//
// Declarations are analysed callees first; cycles of calls are repeated until
// they agree (bounded, for the lists of a summary are), the lock sets in them only
// where what they rest on has changed (settle.go). Then, callers first,
// what all callers of a function hold becomes what it starts with, and it is
// analysed again. A last pass, callees first, notes which acts are reported
// where they stand.
//
// Cheap goes first. One walk of each declaration gathers what it may run and
// whether anything but its calls can matter (survey.go). What a call says for good
// is looked up once, and an idle call is asked nothing more (site.go). A declaration
// with idle calls only has nothing to tell; its bodies are made when somebody asks
// (bare.go). Whether a package is only imported changes none of this: its facts
// are the same.
//
// # What a project says
//
// The vocabulary and the directives //lockfix:blocks, wakes and holds go before
// everything (said.go), as do annotations for gvisor's checklocks (annotate.go).
// A directive travels with the summary of its function, methods of interfaces
// included; one on a func-typed field or variable is known in its package only. A
// directive that cannot mean what it says is a [Complaint].
//
// # Decisions
//
// The table of package syncapi goes first, own code before everything: a
// project's types are known by their code, not by what a table says of them. A
// package that the table describes wholly ([syncapi.Describes]) has no other facts
// than what its project says: how a function is reached, by its name, as a value or
// as the String method of an argument, makes no difference to what it does. So
// nobody has to look at its code, which is most of the code of most programs. What
// is lost: a lock of its own that such a function holds while it runs a function
// that it is given (expvar.Do), and orders between locks of several packages of one
// described module, for those who work on it.
//
// Resources are named by receiver, parameter or package-level variable and
// fields from there ([Ref]); what nothing outside can name is left out.
//
// An interface of this package stands for its implementations in the package
// when no other package can implement it; a function variable for the values
// that are seen to flow into it, when those are all. The rest is foreign. For the
// locks that a call takes, and for those only, few implementations in the package
// of an exported interface stand for its method too, and importers are told: never
// for certain, since another type may implement it. A path through an interface
// names the type behind it, so that it leads nowhere in an object of another type
// (iface.go).
//
// What happens deep in other projects is no evidence: their functions count for
// what they do themselves, and for what a helper of theirs exchanges with a
// loop. A proof, on the other hand, looks at all depths ([Package.Opaque]).
//
// A function starts with a lock of its receiver when its name ends in Locked,
// when its comment says that the caller holds it, or when all its callers are
// seen to hold it and it uses something that the lock may guard. A function that
// takes the lock itself refutes the first two.
//
// A lock that a function takes is told with the way to it, and whether each call
// takes it, which of the caller's locks it gives back before, and whether an
// argument decides. Of what is taken deep in another project only the class is
// told ([Lock]).
//
// The orders of locks ([Edge]) that the functions of a package make travel with
// them. An importer asks for those of all packages of its project that it
// imports, and only once it makes an order itself: no cycle runs through other
// projects, whose locks nobody here takes in turn. Facts are of functions, and an
// importer may not see all of them, so those that it cannot name leave their
// edges to the first function of the package that it can. Rejected: a fact of
// the package, which one driver does not hand on. Where a driver hands on
// facts of direct imports only, an edge two imports away is missed, and a cycle
// between two packages that no third one with an edge of its own imports is
// missed by all.
package summary
