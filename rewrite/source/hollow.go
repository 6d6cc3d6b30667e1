package source

import (
	"bytes"
	"strconv"
)

// hollow blanks what a file says of how it does things: the bodies of the functions
// that it declares, and what stands in the braces of literals of its variables. Spaces
// stand for all in them but line ends, so that every declaration is where it was. It
// is for who wants declarations only: to parse a body takes ten times as long as to
// find its end, and its syntax more memory than all else. A text that it cannot follow
// comes back as it is.
//
// A declaration begins with func or var at the start of a line, outside of all
// brackets. What begins with func otherwise is a literal behind an operator, whose body
// is none of the declarations either. The body is what the first brace opens that is
// outside of the parentheses of the signature and not of a struct or interface in it;
// where the line ends before, there is none. Behind var all braces but those of structs
// and interfaces are of literals. How many elements there are decides the type of an
// array behind three dots: the last one stays, with its number in front of it.
func hollow(text []byte) []byte {
	h := hollower{text: text, out: text, start: true, dots: -1}
	for h.at < len(text) {
		if !h.next() {
			return text
		}
	}
	return h.out
}

// A hollower goes through a file token by token.
type hollower struct {
	text, out []byte
	at        int
	depth     int    // of brackets
	start     bool   // nothing but blanks stands before on the line
	word      []byte // right before
	signature bool   // of a function that is declared
	variable  bool   // a declaration of variables
	dots      int    // the depth outside of the brackets around the last three dots; -1
}

// next goes past a token. It fails where it cannot follow.
func (h *hollower) next() bool {
	c, end := h.text[h.at], h.at+1
	switch {
	case isLetter(c):
		h.pastWord()
		return true
	case c == ' ' || c == '\t' || c == '\r':
		h.at++
		return true
	case c == '\n' || c == ';':
		if h.depth == 0 {
			h.signature, h.variable, h.start = false, false, true
		}
		h.at++
		return true
	case c == '"' || c == '\'' || c == '`' || c == '/':
		if end = past(h.text, h.at); end < 0 {
			return false
		}
		if c == '/' && end > h.at+1 { // a comment
			h.signature = h.signature && (h.depth > 0 || bytes.IndexByte(h.text[h.at:end], '\n') < 0)
			h.at = end
			return true
		}
	case bytes.HasPrefix(h.text[h.at:], []byte("...")):
		h.dots, end = h.depth-1, h.at+3
	case c == '(' || c == '[':
		h.depth++
	case c == ')' || c == ']' || c == '}':
		h.depth--
	case c == '{' && h.opens():
		if end = closing(h.text, h.at); end < 0 {
			return false
		}
		blank(h.edit(h.at+1, end))
		end++
		h.signature = false
	case c == '{':
		h.depth++
		if h.variable && h.dots == h.depth-1 && !isType(h.word) {
			h.dots, end = -1, h.shorten()
		}
	}
	h.start, h.word, h.at = false, nil, end
	return true
}

func (h *hollower) pastWord() {
	end := h.at + 1
	for end < len(h.text) && (isLetter(h.text[end]) || '0' <= h.text[end] && h.text[end] <= '9') {
		end++
	}
	h.word = h.text[h.at:end]
	if h.depth == 0 && h.start {
		h.signature = h.signature || string(h.word) == "func"
		h.variable, h.dots = string(h.word) == "var", -1
	}
	h.start, h.at = false, end
}

// opens reports whether the brace at hand is around what is to be blanked.
func (h *hollower) opens() bool {
	return !isType(h.word) && (h.variable && h.dots != h.depth || h.signature && h.depth == 0)
}

// isType reports whether a brace behind a word is of a type.
func isType(word []byte) bool { return string(word) == "struct" || string(word) == "interface" }

// edit returns a part of what comes out.
func (h *hollower) edit(from, to int) []byte {
	if &h.out[0] == &h.text[0] {
		h.out = bytes.Clone(h.text)
	}
	return h.out[from:to]
}

// shorten blanks the elements of the array literal at hand but for the last, and writes
// its number where they stood: tables of bytes are most of the code of some packages.
// What has keys stays, and what has too little room on a line. It returns where to go
// on: in the literal all the same.
func (h *hollower) shorten() (next int) {
	begin := h.at + 1
	n, last := elements(h.text, begin)
	if n < 2 {
		return begin
	}
	key := strconv.AppendInt(nil, int64(n-1), 10)
	key = append(key, ':')
	for from := begin; from < last; {
		line := last - from
		if i := bytes.IndexByte(h.text[from:last], '\n'); i >= 0 {
			line = i
		}
		if line >= len(key) {
			blank(h.edit(begin, last))
			copy(h.edit(from, last), key)
			return last
		}
		from += line + 1
	}
	return begin
}

// elements counts the elements of a literal that begin at a place, and says where the
// last one begins; none if one has a key, or if it does not end.
func elements(text []byte, at int) (n, last int) {
	depth, inside := 0, false
	for at < len(text) {
		c, end := text[at], at+1
		switch c {
		case ' ', '\t', '\r', '\n':
			at++
			continue
		case '"', '\'', '`', '/':
			if end = past(text, at); end < 0 {
				return 0, 0
			}
			if c == '/' && end > at+1 { // a comment
				at = end
				continue
			}
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth == 0 {
				return n, last
			}
			depth--
		case ':':
			if depth == 0 {
				return 0, 0
			}
		case ',':
			if depth == 0 {
				inside, at = false, end
				continue
			}
		}
		if !inside {
			n, last, inside = n+1, at, true
		}
		at = end
	}
	return 0, 0
}

func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= 0x80
}

// blank leaves nothing of a text but its lines.
func blank(text []byte) {
	for i, c := range text {
		if c != '\n' {
			text[i] = ' '
		}
	}
}

// closing returns where the brace that opens at i is closed, -1 if it is not.
func closing(text []byte, i int) int {
	depth := 0
	for i < len(text) {
		switch text[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		case '"', '\'', '`', '/':
			if i = past(text, i); i < 0 {
				return -1
			}
			continue
		}
		i++
	}
	return -1
}

// past returns where the literal or comment that begins at i ends, or the slash
// that is an operator; -1 if it does not end.
func past(text []byte, i int) int {
	quote := text[i]
	rest := text[i+1:]
	switch {
	case quote == '`':
		return after(i+1, bytes.IndexByte(rest, '`'), 1)
	case quote == '/' && len(rest) > 0 && rest[0] == '*':
		return after(i+2, bytes.Index(rest[1:], []byte("*/")), 2)
	case quote == '/' && len(rest) > 0 && rest[0] == '/':
		if n := bytes.IndexByte(rest, '\n'); n >= 0 {
			return i + 1 + n
		}
		return len(text)
	case quote == '/':
		return i + 1
	}
	for i++; i < len(text) && text[i] != '\n'; i++ {
		switch text[i] {
		case quote:
			return i + 1
		case '\\':
			i++
		}
	}
	return -1
}

// after is the place behind a mark of some length that was found n bytes from a
// place; -1 if it was not found.
func after(from, n, length int) int {
	if n < 0 {
		return -1
	}
	return from + n + length
}
