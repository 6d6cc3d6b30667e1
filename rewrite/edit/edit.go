package edit

import (
	"bytes"
	"fmt"
)

// An Edit replaces the bytes [Start, End) of a text by New.
type Edit struct {
	Start, End int
	New        string
}

// Apply returns text with the edits carried out. They are in order, disjoint
// and within the text; insertions at one point come out in the order given.
func Apply(text []byte, edits []Edit) ([]byte, error) {
	if err := validate(text, edits); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		out.Write(text[at:e.Start])
		out.WriteString(e.New)
		at = e.End
	}
	out.Write(text[at:])
	return out.Bytes(), nil
}

func validate(text []byte, edits []Edit) error {
	last := 0
	for i, e := range edits {
		switch {
		case e.Start < 0 || e.End < e.Start || e.End > len(text):
			return fmt.Errorf("applying edit %d: [%d, %d) is not within %d bytes", i, e.Start, e.End, len(text))
		case e.Start < last:
			return fmt.Errorf("applying edit %d: starts at %d, before the end %d of the one above", i, e.Start, last)
		}
		last = e.End
	}
	return nil
}

// Merge joins two lists of edits of the same text. Edits that both lists have
// are kept once; others must not touch the same bytes, nor insert at the same
// point, where nobody could say which comes first. The order of the two lists
// makes no difference.
func Merge(a, b []Edit) ([]Edit, error) {
	out := make([]Edit, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		x, y := a[0], b[0]
		switch {
		case x == y:
			out = append(out, x)
			a, b = a[1:], b[1:]
		case overlap(x, y):
			return nil, fmt.Errorf("merging edits: [%d, %d) and [%d, %d) overlap", x.Start, x.End, y.Start, y.End)
		case x.Start < y.Start || x.Start == y.Start && x.End < y.End:
			out = append(out, x)
			a = a[1:]
		default:
			out = append(out, y)
			b = b[1:]
		}
	}
	return append(append(out, a...), b...), nil
}

func overlap(x, y Edit) bool {
	if x.Start == x.End && y.Start == y.End {
		return x.Start == y.Start
	}
	return x.Start < y.End && y.Start < x.End
}
