package splice

import (
	"bytes"
	"testing"

	"github.com/lockfix/lockfix/rewrite/edit"
)

// A text that is its file's own maps offsets as one does that was copied.
func TestATextIsItsFilesOwnWithoutCRLF(t *testing.T) {
	for _, orig := range []string{"", "a", "package p\n", "a\r\nb\n", "\ufeffa\nb", "a\rb\n", "a\r\n"} {
		got, want := newText([]byte(orig)), copied([]byte(orig))
		if !bytes.Equal(got.lf, want.lf) || got.crlf != want.crlf {
			t.Errorf("%q: %q %v, want %q %v", orig, got.lf, got.crlf, want.lf, want.crlf)
		}
		for off := range len(orig) + 1 {
			if got, want := got.offset(off), want.offset(off); got != want {
				t.Errorf("%q: offset %d is %d, want %d", orig, off, got, want)
			}
		}
		for off := range len(want.lf) + 1 {
			edits := []edit.Edit{{Start: off, End: len(want.lf), New: "x\n"}}
			if got, want := got.edits(edits)[0], want.edits(edits)[0]; got != want {
				t.Errorf("%q: an edit at %d is %+v, want %+v", orig, off, got, want)
			}
		}
	}
}

// copied makes a text byte by byte.
func copied(orig []byte) *text {
	t := &text{orig: orig, up: []int{}}
	rest := bytes.TrimPrefix(orig, []byte("\ufeff"))
	skipped := len(orig) - len(rest)
	for i := 0; i < len(rest); i++ {
		t.up = append(t.up, skipped+i)
		if bytes.HasPrefix(rest[i:], []byte("\r\n")) {
			i++
		}
		t.lf = append(t.lf, rest[i])
	}
	t.up = append(t.up, len(orig))
	t.crlf = 2*bytes.Count(orig, []byte("\r\n")) > bytes.Count(orig, []byte("\n"))
	return t
}
