// Package holding says of each lock and each acquisition of a package what is held
// there, what runs meanwhile, and which place the lock has in the lock order.
package holding

import (
	"cmp"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// A Place is where a lock or token is declared or acquired.
type Place struct {
	Pos, End token.Position
	Lock     string // as it is written there: "g.mu"
	Class    string // of all its instances: "example.com/m/gate.Gate.mu"; "" for a local variable
	Uses     int    // of a declaration: acquisitions in the package; 0: this is an acquisition
	Read     bool   // for reading
	Held     []rule.Note
	Released []rule.Note
	Runs     []rule.Note // meanwhile: what can wait, call back, or take another lock
	Under    []rule.Note // by the lock order: what is held when it is taken
	Over     []rule.Note // and what is taken while it is held
}

// Of returns the places in the files that are asked for, in the order of these: of
// two that begin at one place the shorter one first.
func Of(p *summary.Package, owns func(file string) bool) []Place {
	w := worker{Package: p, seen: make(map[*lockset.Op]*hazard.Observation), uses: make(map[types.Object]*Place)}
	for _, o := range hazard.Observe(p) {
		w.seen[o.Op] = o
	}
	for _, b := range p.Bodies() {
		for _, s := range b.Sections {
			w.section(b, s)
		}
	}
	for _, d := range w.uses {
		w.places = append(w.places, *d)
	}
	w.order()
	w.places = slices.DeleteFunc(w.places, func(l Place) bool { return !owns(l.Pos.Filename) })
	slices.SortFunc(w.places, func(a, b Place) int {
		return cmp.Or(strings.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Offset, b.Pos.Offset), cmp.Compare(a.End.Offset, b.End.Offset), strings.Compare(a.Lock, b.Lock))
	})
	return w.places
}

// danger says how bad it is to do something under a lock.
func danger(o *hazard.Observation) string {
	switch {
	case o.Level >= hazard.Hazard:
		return ": " + o.Level.String()
	case o.Why != "":
		return ": " + o.Why
	}
	return ""
}

type worker struct {
	*summary.Package
	seen   map[*lockset.Op]*hazard.Observation
	uses   map[types.Object]*Place // declarations
	places []Place
}

func (w *worker) note(at token.Pos, text string) rule.Note {
	return rule.Note{Pos: w.Src.Position(at), Text: text}
}

// section describes an acquisition, and counts it for the declaration of the lock.
func (w *worker) section(b *lockset.Body, s *lockset.Section) {
	r := s.Acquire.Resource
	at := Place{
		Pos: w.Src.Position(s.Acquire.Node.Pos()), End: w.Src.Position(s.Acquire.Node.End()),
		Lock: r.Expr, Class: w.Class(r), Read: s.Acquire.Mode == syncapi.Read,
	}
	for _, op := range s.Ops {
		if o := w.seen[op]; o != nil {
			at.Runs = append(at.Runs, w.note(op.Node.Pos(), o.What+danger(o)))
		}
	}
	if before, ok := b.Before(s.Acquire.Node); ok {
		for _, h := range before.Held() {
			at.Held = append(at.Held, w.held(h))
		}
	}
	for _, rel := range s.Releases {
		text := "released"
		if rel.Defer != nil {
			text = "released when the function ends"
		}
		at.Released = append(at.Released, w.note(rel.Node.Pos(), text))
	}
	w.places = append(w.places, at)
	if field := r.Field(); field != nil && field.Pkg() == w.Src.Types && field.Pos().IsValid() {
		d := w.uses[field]
		if d == nil {
			d = &Place{
				Pos: w.Src.Position(field.Pos()), End: w.Src.Position(field.Pos() + token.Pos(len(field.Name()))),
				Lock: field.Name(), Class: at.Class,
			}
			w.uses[field] = d
		}
		d.Uses++
	}
}

func (w *worker) held(h lockset.Held) rule.Note {
	text := h.Expr
	if !h.Must {
		text += ", on some paths"
	}
	if h.Caller != "" {
		text += ", by the caller: " + h.Caller
	}
	if len(h.From) == 0 {
		return rule.Note{Text: text}
	}
	return w.note(h.From[0].Node.Pos(), text)
}

// order says of each place what the lock order has of its class.
func (w *worker) order() {
	under, over := make(map[string][]rule.Note), make(map[string][]rule.Note)
	add := func(to map[string][]rule.Note, class, other string, n rule.Note) {
		same := func(o rule.Note) bool { return strings.HasPrefix(o.Text, other+", in ") }
		if class != "" && other != "" && !slices.ContainsFunc(to[class], same) {
			n.Text = other + ", in " + n.Text
			to[class] = append(to[class], n)
		}
	}
	edge := func(e *summary.Edge, n rule.Note) {
		add(over, e.Held.Class, e.Taken.Class, n)
		add(under, e.Taken.Class, e.Held.Class, n)
	}
	for _, c := range w.Crossings() {
		edge(&c.Edge, w.note(c.End(), c.Func))
	}
	for _, e := range w.ImportedEdges() { // a line of another package is not kept: it would be wrong some day
		edge(e.Edge, rule.Note{Text: e.Func})
	}
	for i := range w.places {
		l := &w.places[i]
		l.Under, l.Over = under[l.Class], over[l.Class]
	}
}
