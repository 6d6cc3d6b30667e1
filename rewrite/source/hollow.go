package source

import "bytes"

// hollow blanks the bodies of the functions that a file declares. Spaces stand for
// all in them but line ends, so that every declaration is where it was. It is for
// who wants declarations only: to parse a body takes ten times as long as to find
// its end, and its syntax more memory than all else. A text that it cannot follow
// comes back as it is.
//
// A declaration begins with func at the start of a line, outside of all brackets.
// What begins so otherwise is a literal behind an operator, whose body is none of
// the declarations either. The body is what the first brace opens that is outside of
// the parentheses of the signature and not of a struct or interface in it; where the
// line ends before, there is none.
func hollow(text []byte) []byte {
	out := text
	depth, signature, start := 0, false, true
	word := ""
	for i := 0; i < len(text); {
		c := text[i]
		end := i + 1
		switch {
		case isLetter(c):
			for end < len(text) && (isLetter(text[end]) || '0' <= text[end] && text[end] <= '9') {
				end++
			}
			word = string(text[i:end])
			signature = signature || depth == 0 && start && word == "func"
			start, i = false, end
			continue
		case c == ' ' || c == '\t' || c == '\r':
			i++
			continue
		case c == '\n' || c == ';':
			if depth == 0 {
				signature, start = false, true
			}
			i++
			continue
		case c == '"' || c == '\'' || c == '`' || c == '/':
			if end = past(text, i); end < 0 {
				return text
			}
			if c == '/' && end > i+1 {
				signature = signature && (depth > 0 || bytes.IndexByte(text[i:end], '\n') < 0)
				i = end
				continue
			}
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth--
		case c == '{' && depth == 0 && signature && word != "struct" && word != "interface":
			if end = closing(text, i); end < 0 {
				return text
			}
			if &out[0] == &text[0] {
				out = bytes.Clone(text)
			}
			blank(out[i+1 : end])
			end++
			signature = false
		case c == '{':
			depth++
		}
		start, word, i = false, "", end
	}
	return out
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
