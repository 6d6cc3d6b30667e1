package splice

import (
	"bytes"
	"sort"
	"strings"

	"github.com/lockfix/lockfix/rewrite/edit"
)

// A text is a file as gofmt would have it at its borders: without byte order
// mark, with LF for CRLF. All work is done on it, so that a file's line endings
// cannot change what happens to it.
type text struct {
	orig []byte
	lf   []byte
	up   []int // where each byte of lf, and its end, stands in orig; nil where lf is orig
	crlf bool  // most lines end in CRLF, so new ones do
}

func newText(orig []byte) *text {
	t := &text{orig: orig}
	i := 0
	if bytes.HasPrefix(orig, []byte("\ufeff")) {
		i = len("\ufeff")
	}
	crlf, lf := bytes.Count(orig, []byte("\r\n")), bytes.Count(orig, []byte("\n"))
	t.crlf = 2*crlf > lf
	if i == 0 && crlf == 0 {
		t.lf = orig
		return t
	}
	t.lf, t.up = make([]byte, 0, len(orig)), make([]int, 0, len(orig)+1)
	for ; i < len(orig); i++ {
		t.up = append(t.up, i)
		if orig[i] == '\r' && i+1 < len(orig) && orig[i+1] == '\n' {
			i++
		}
		t.lf = append(t.lf, orig[i])
	}
	t.up = append(t.up, len(orig))
	return t
}

// offset maps an offset in the file to one in the text.
func (t *text) offset(orig int) int {
	if t.up == nil {
		return min(orig, len(t.lf))
	}
	return min(sort.SearchInts(t.up, orig), len(t.lf))
}

// place maps an offset in the text to one in the file.
func (t *text) place(off int) int {
	if t.up == nil {
		return off
	}
	return t.up[off]
}

// edits maps edits of the text to edits of the file.
func (t *text) edits(edits []edit.Edit) []edit.Edit {
	out := make([]edit.Edit, len(edits))
	for i, e := range edits {
		out[i] = edit.Edit{Start: t.place(e.Start), End: t.place(e.End), New: e.New}
		if t.crlf {
			out[i].New = strings.ReplaceAll(e.New, "\n", "\r\n")
		}
	}
	return out
}

// lineEnd returns the offset behind the line that off is in.
func lineEnd(text []byte, off int) int {
	if i := bytes.IndexByte(text[off:], '\n'); i >= 0 {
		return off + i + 1
	}
	return len(text)
}

// lineStart returns the offset of the line that off is in.
func lineStart(text []byte, off int) int {
	return bytes.LastIndexByte(text[:off], '\n') + 1
}

func blank(text []byte) bool { return len(bytes.TrimSpace(text)) == 0 }
