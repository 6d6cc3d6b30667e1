package text

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"
)

// A naive text is its lines, each with its end, as UTF-16 code units.
func naive(text string) (lines [][]uint16, ends []int) {
	for {
		i := strings.IndexAny(text, "\r\n")
		if i < 0 {
			return append(lines, utf16.Encode([]rune(text))), append(ends, 0)
		}
		n := 1
		if strings.HasPrefix(text[i:], "\r\n") {
			n = 2
		}
		lines, ends = append(lines, utf16.Encode([]rune(text[:i]))), append(ends, n)
		text = text[i+n:]
	}
}

// naiveOffset decodes all that stands before a place again.
func naiveOffset(text string, p Position) int {
	lines, ends := naive(text)
	if int(p.Line) >= len(lines) {
		return len(text)
	}
	at := 0
	for i := range int(p.Line) {
		at += len(string(utf16.Decode(lines[i]))) + ends[i]
	}
	line := lines[p.Line]
	n := min(int(p.Character), len(line))
	if n > 0 && n < len(line) && utf16.IsSurrogate(rune(line[n-1])) && line[n-1] < 0xdc00 {
		n-- // within a pair
	}
	return at + len(string(utf16.Decode(line[:n])))
}

var pieces = []string{"a", "\t", "é", "世界", "🙂", "\n", "\r\n", "\r", "x := 1", "𝛼", "\n\n", ""}

func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(30) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

func TestOffsetsAreThoseOfTheNaiveWay(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		text := randomText(r)
		m := NewMap([]byte(text))
		for range 20 {
			p := Position{uint32(r.IntN(12)), uint32(r.IntN(12))}
			want := naiveOffset(text, p)
			if got := m.Offset(p); got != want {
				t.Fatalf("%q: offset of %v is %d, want %d", text, p, got, want)
			}
			if got := offset([]byte(text), p); got != want {
				t.Fatalf("%q: offset of %v without a map is %d, want %d", text, p, got, want)
			}
		}
	}
}

func TestPositionsComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		text := randomText(r)
		m := NewMap([]byte(text))
		for i := range text { // the start of each character
			if i > 0 && text[i-1:i+1] == "\r\n" {
				continue // within a line end
			}
			if p := m.Position(i); m.Offset(p) != i || naiveOffset(text, p) != i {
				t.Fatalf("%q: %d is at %v, which is %d", text, i, p, m.Offset(p))
			}
		}
	}
}

func TestReplaceIsThatOfTheNaiveWay(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		text, with := randomText(r), randomText(r)
		a := Position{uint32(r.IntN(8)), uint32(r.IntN(8))}
		b := Position{uint32(r.IntN(8)), uint32(r.IntN(8))}
		i, j := naiveOffset(text, a), naiveOffset(text, b)
		got, err := Replace([]byte(text), Range{a, b}, with)
		if i > j {
			if err == nil {
				t.Fatalf("%q: a range that ends before it starts is taken: %v %v", text, a, b)
			}
			continue
		}
		if want := text[:i] + with + text[j:]; err != nil || string(got) != want {
			t.Fatalf("%q: %v to %v becomes %q, %v, want %q", text, a, b, got, err, want)
		}
	}
}

func TestPlaces(t *testing.T) {
	text := []byte("a🙂b\r\n\xffé\rend")
	m := NewMap(text)
	for _, test := range []struct {
		name   string
		offset int
		at     Position
		back   int
	}{
		{"the start", 0, Position{0, 0}, 0},
		{"behind a pair of units", 5, Position{0, 3}, 5},
		{"within a character: its start", 3, Position{0, 1}, 1},
		{"the end of a line", 6, Position{0, 4}, 6},
		{"between \\r and \\n: the end of the line", 7, Position{0, 4}, 6},
		{"behind a byte that is no UTF-8", 9, Position{1, 1}, 9},
		{"behind a \\r alone", 12, Position{2, 0}, 12},
		{"behind the end", 99, Position{2, 3}, 15},
		{"before the start", -1, Position{0, 0}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := m.Position(test.offset); got != test.at {
				t.Errorf("at %v, want %v", got, test.at)
			}
			if got := m.Offset(test.at); got != test.back {
				t.Errorf("back at %d, want %d", got, test.back)
			}
		})
	}
	for _, p := range []Position{{3, 0}, {1 << 31, 1 << 31}, {2, 1<<32 - 1}} {
		if got := m.Offset(p); got != len(text) {
			t.Errorf("%v is at %d, want the end", p, got)
		}
	}
	if start, end := m.Line(1); start != 8 || end != 11 {
		t.Errorf("line 1 is [%d, %d)", start, end)
	}
}

func TestOneMegabyteIsQuick(t *testing.T) {
	text := []byte(strings.Repeat("\tx := \"世界🙂\"\n", 50_000))
	for i := range 200 {
		var err error
		if text, err = Replace(text, Range{Position{uint32(40_000 + i), 2}, Position{uint32(40_000 + i), 4}}, "🙂"); err != nil {
			t.Fatal(err)
		}
	}
	if m := NewMap(text); len(m.lines) != 50_001 {
		t.Errorf("%d lines", len(m.lines))
	}
}
