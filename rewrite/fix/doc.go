// Package fix decides: strategies, each a function from the observations of one
// critical section to a plan or a refusal, and the obligations, each a named
// predicate with evidence. It edits nothing.
package fix
