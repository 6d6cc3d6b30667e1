// Package text finds places in a text as editors count them: lines, and in them
// UTF-16 code units.
//
// A line ends with \n, \r\n or \r, as the protocol has it; the go command knows
// \n alone. So what comes from the analysis goes by byte offsets, never by lines.
// What is no UTF-8 counts as one unit a byte, as the replacement character does
// that an editor shows for it.
package text

import (
	"bytes"
	"fmt"
	"sort"
	"unicode/utf8"
)

// A Position is a place between two characters, counted from zero.
type Position struct {
	Line      uint32 `json:"line"`
	Character uint32 `json:"character"`
}

// A Range is what lies between two positions.
type Range struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// A Map is a text with its lines known.
type Map struct {
	text  []byte
	lines []int // where each begins
}

// NewMap finds the lines of a text, which must not be changed any more.
func NewMap(text []byte) *Map {
	m := &Map{text: text, lines: []int{0}}
	for at := 0; ; {
		end, next := lineEnd(text, at)
		if next == end { // the text ends without a line end
			return m
		}
		m.lines = append(m.lines, next)
		at = next
	}
}

// lineEnd returns where the line at a place ends and where the next one begins;
// both are the end of the text where there is none.
func lineEnd(text []byte, at int) (end, next int) {
	rest := text[at:]
	lf := bytes.IndexByte(rest, '\n')
	if lf >= 0 {
		rest = rest[:lf]
	}
	switch cr := bytes.IndexByte(rest, '\r'); {
	case cr >= 0 && cr == lf-1:
		return at + cr, at + lf + 1
	case cr >= 0:
		return at + cr, at + cr + 1
	case lf >= 0:
		return at + lf, at + lf + 1
	}
	return len(text), len(text)
}

// Position returns the place of a byte. One within a character is that of the
// character; one behind the text is its end.
func (m *Map) Position(offset int) Position {
	offset = max(0, min(offset, len(m.text)))
	line := sort.SearchInts(m.lines, offset+1) - 1
	start := m.lines[line]
	end, _ := lineEnd(m.text, start)
	return Position{uint32(line), units(m.text[start:end], offset-start)}
}

// Range returns the range of the bytes [start, end).
func (m *Map) Range(start, end int) Range { return Range{m.Position(start), m.Position(end)} }

// units counts the UTF-16 code units of the characters of a line that begin before
// a byte and do not reach beyond it.
func units(line []byte, upto int) uint32 {
	upto = min(upto, len(line))
	n := uint32(0)
	for at := 0; at < upto; {
		size, width := char(line[at:])
		if at+size > upto {
			break
		}
		at, n = at+size, n+width
	}
	return n
}

// char returns how many bytes and how many UTF-16 code units the first character
// takes.
func char(b []byte) (size int, width uint32) {
	if b[0] < utf8.RuneSelf {
		return 1, 1
	}
	r, size := utf8.DecodeRune(b)
	if r > 0xffff {
		return size, 2
	}
	return size, 1
}

// Offset returns the byte at a place. A place behind the end of its line is that
// end, one within a character the start of it, one behind the last line the end of
// the text.
func (m *Map) Offset(p Position) int {
	if int64(p.Line) >= int64(len(m.lines)) {
		return len(m.text)
	}
	return m.lines[p.Line] + inLine(m.text, m.lines[p.Line], p.Character)
}

func inLine(text []byte, start int, character uint32) int {
	end, _ := lineEnd(text, start)
	line := text[start:end]
	at := 0
	for n := uint32(0); at < len(line); {
		size, width := char(line[at:])
		if n+width > character {
			break
		}
		at, n = at+size, n+width
	}
	return at
}

// Line returns the offsets of the line that a place stands in, its end left out.
func (m *Map) Line(line uint32) (start, end int) {
	if int64(line) >= int64(len(m.lines)) {
		return len(m.text), len(m.text)
	}
	start = m.lines[line]
	end, _ = lineEnd(m.text, start)
	return start, end
}

// offset is [Map.Offset] without a map: for one place it is not worth making.
func offset(text []byte, p Position) int {
	at := 0
	for range p.Line {
		end, next := lineEnd(text, at)
		if next == end {
			return len(text)
		}
		at = next
	}
	return at + inLine(text, at, p.Character)
}

// Replace returns a text with what is in a range replaced. The text itself stays
// as it is.
func Replace(text []byte, r Range, with string) ([]byte, error) {
	start, end := offset(text, r.Start), offset(text, r.End)
	if start > end {
		return nil, fmt.Errorf("the range from %d:%d ends before it starts, at %d:%d", r.Start.Line, r.Start.Character, r.End.Line, r.End.Character)
	}
	out := make([]byte, 0, len(text)-(end-start)+len(with))
	out = append(out, text[:start]...)
	out = append(out, with...)
	return append(out, text[end:]...), nil
}

// Text returns the text.
func (m *Map) Text() []byte { return m.text }
