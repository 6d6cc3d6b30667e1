// Package uses knows all uses of a field, variable, channel or function value
// in one package, and answers the questions that proofs ask about them: is a
// field ever written again, where may a channel be closed, which functions can
// be behind a call, does a send find room.
//
// # Complete or not
//
// Every answer comes with a word on whether it is all there is. It says so only
// when no code outside of the package can take part: the variable cannot be
// named elsewhere, its address is not taken, the function has no caller that
// the package does not show. An incomplete answer is still true as far as it
// goes: use it for evidence, never for a proof. "None found" is never complete
// for makes, function values and implementations, because a test or an assembly
// file has to set what runs.
//
// # Decisions
//
// A channel is named by the variable or field that holds it, and stands for the
// channels of all objects with that field. Objects are told apart only where a
// proof does it itself (see SendFits). The alternative, a points-to analysis,
// needs the whole program; lockfix also runs where it sees one package.
//
// The flow of values has a direction: a helper that is given two channels makes
// its sends belong to both, but not the two to each other. Elements of
// containers flow both ways, since two variables may hold one map. Containers
// of containers are not followed; what goes in there has escaped.
//
// A result of a function is a variable like any other: returns flow into it,
// calls read it. That is why constructors and getters need no case of their own.
//
// A nil channel is no value that flows: a send on it blocks for ever whatever
// the capacity, and that is another rule's business.
//
// In package main nothing is exported. Elsewhere an exported field is open only
// if others can hold a value of its type.
//
// Not seen, and taken not to happen: writes by reflection to unexported fields, or
// to exported ones of an object that is no pointer in an interface of the call,
// unsafe, go:linkname, calls from assembly, copies of a struct that holds a
// channel and a lock (vet's copylocks finds those), conversions between two
// struct types that were written down separately, and in-package tests that are not among the files of the package.
//
// # Why a send fits
//
// The list of proofs in SendFits is meant to grow. Rejected so far: trusting a
// receiver that loops for ever (it may wait for the lock that is held), and
// comparing capacity with the number of goroutines (nobody bounds those).
package uses
