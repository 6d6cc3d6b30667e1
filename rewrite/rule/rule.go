// Package rule says what a rule and a finding are.
package rule

import (
	"go/token"

	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/hazard"
)

// A Rule says which observations and which faults are its own.
type Rule struct {
	Name  string // one word
	Title string // one line: what it reports
	Doc   string // the page, from the package documentation
	Off   bool   // on only when selected

	// Match says whether the observation is this rule's, and words it:
	// "send on w.ready blocks while s.mu is held". It is nil for a rule that
	// reports faults only.
	Match func(*hazard.Observation) (message string, ok bool)

	// Faults are the sorts of faults that it reports.
	Faults []hazard.FaultSort
}

// A Position is a place in a file, resolved.
type Position = token.Position

// A Note is a related place or a remark.
type Note struct {
	Pos   Position // zero if it has none
	Text  string
	Other bool // it is a step of the other side
}

// A Finding is one report of one rule.
type Finding struct {
	Rule     string
	Level    hazard.Level
	Message  string
	Package  string // import path
	Function string // "(*Broker).Publish"
	Pos, End Position
	Resource string   // "b.mu"
	Class    string   // what it is for all instances: "example.com/m/hub.Broker.mu"; "" unknown
	Acquired Position // where it was acquired; zero if the caller holds it
	Mode     string   // "read" or "write"
	Notes    []Note   // frames, then peers, in order
	Fix      *Fix     // nil: none is offered
	Refusals []Note   // then: which obligation stood in the way, and where
}

// A Fix is an edit that was checked.
type Fix struct {
	Title       string
	Strategy    string
	Safe        bool
	Obligations []fix.Obligation
	Changes     []Change // to the file of the finding first, to others of its package in their order
	Section     int      // findings of one critical section share a fix: same number
}

// A Change is what a fix does to one file. The changes of a fix are made together
// or not at all.
type Change struct {
	File  string // absolute
	Edits []edit.Edit
}
