package repair

import (
	"bytes"
	"go/token"
	"slices"

	"github.com/lockfix/lockfix/rewrite/edit"
)

// past holds by file what earlier rounds did, so that a place can be named in
// the text that the user knows.
type past map[string][]step

// A step is one round of one file.
type step struct {
	text  []byte // before
	edits []edit.Edit
}

func (p past) record(name string, text []byte, list []edit.Edit) {
	p[name] = append(p[name], step{text, list})
}

// knows reports whether the file had this text before.
func (p past) knows(name string, text []byte) bool {
	return slices.ContainsFunc(p[name], func(s step) bool { return bytes.Equal(s.text, text) })
}

// origin resolves a place of the text as it now is in the text as it first was.
// What is in new text lies where that was put.
func (p past) origin(pos token.Position) token.Position {
	steps := p[pos.Filename]
	if len(steps) == 0 {
		return pos
	}
	for i := len(steps) - 1; i >= 0; i-- {
		pos.Offset = before(steps[i].edits, pos.Offset)
	}
	head := steps[0].text[:pos.Offset]
	pos.Line = 1 + bytes.Count(head, []byte("\n"))
	pos.Column = pos.Offset - bytes.LastIndexByte(head, '\n')
	return pos
}

// before returns the offset in the old text of an offset in the edited one.
func before(list []edit.Edit, offset int) int {
	shift := 0 // of the new text against the old
	for _, e := range list {
		start := e.Start + shift
		if offset < start {
			break
		}
		if offset < start+len(e.New) {
			return e.Start
		}
		shift += len(e.New) - (e.End - e.Start)
	}
	return offset - shift
}
