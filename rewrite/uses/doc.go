// Package uses knows all uses of a field, variable, channel or function value
// in one package, and answers the questions that proofs ask about them.
package uses
