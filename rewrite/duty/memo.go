package duty

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// A Memo keeps what walks have found, for a package and what edits make of it: a body
// that an edit leaves alone has the same paths afterwards. What a walk finds depends on
// the syntax of the body, on what its names stand for, on which of its calls return, and
// on the duty. All but the names are compared; those stay where no declaration changes.
type Memo struct {
	found  map[walked][]Leak
	closed bool
}

// A walked is a walk: two with the same one find the same.
type walked struct {
	block *ast.BlockStmt
	rest  string
}

// NewMemo returns a memo that keeps what is found.
func NewMemo() *Memo { return &Memo{found: map[walked][]Leak{}} }

// Edited is the memo for a package after an edit that changes bodies of functions and
// imports, no declarations. It keeps nothing, so that m holds no syntax of the edit.
func (m *Memo) Edited() *Memo {
	if m == nil {
		return nil
	}
	return &Memo{found: m.found, closed: true}
}

// leaks walks, or tells what a walk has found.
func (m *Memo) leaks(c *Code, d *Duty) []Leak {
	if m == nil || d.Closes != nil { // functions cannot be compared
		return leaks(c, d)
	}
	key := walked{c.Block, c.endings() + d.key()}
	found, ok := m.found[key]
	if !ok {
		found = leaks(c, d)
		if !m.closed {
			m.found[key] = found
		}
	}
	return slices.Clone(found)
}

// key tells duties apart, in one body.
func (d *Duty) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "|%t %t %t %t|%s", d.Entry, d.Fallible, d.Wrapped, d.Inverse, d.Field)
	if d.Begin != nil {
		b.WriteString(place("begin", d.Begin))
	}
	for _, n := range d.Ends {
		b.WriteString(place("end", n))
	}
	for _, n := range d.Defers {
		b.WriteString(place("defer", n))
	}
	for _, n := range d.Gives {
		b.WriteString(place("give", n))
	}
	for _, n := range d.Hits {
		b.WriteString(place("hit", n))
	}
	for _, v := range d.Values {
		b.WriteString("|value " + spellVar(v))
	}
	if d.Deadline != nil {
		b.WriteString("|deadline " + spellVar(d.Deadline))
	}
	return b.String()
}

// place is where a node stands, and of which type it is: an address could be that of
// another node once a made up one is gone.
func place(part string, n ast.Node) string {
	return fmt.Sprintf("|%s %T %d-%d", part, n, n.Pos(), n.End())
}

// endings tells which calls of a body do not return, and whether it recovers.
func (c *Code) endings() string {
	if c.ending == "" {
		var b strings.Builder
		fmt.Fprintf(&b, "%t", c.Recovers)
		ast.Inspect(c.Block, func(n ast.Node) bool {
			if call := c.stops(n); call != nil {
				b.WriteString(place("stop", call))
			}
			return true
		})
		c.ending = b.String()
	}
	return c.ending
}
