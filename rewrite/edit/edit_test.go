package edit

import (
	"reflect"
	"strings"
	"testing"
)

func TestApply(t *testing.T) {
	for _, test := range []struct {
		name  string
		edits []Edit
		want  string // "": an error
	}{
		{"nothing", nil, "abcdef"},
		{"insertions at one point keep their order", []Edit{{2, 2, "1"}, {2, 2, "2"}}, "ab12cdef"},
		{"neighbours", []Edit{{0, 2, "x"}, {2, 2, "y"}, {2, 4, ""}, {6, 6, "z"}}, "xyefz"},
		{"overlap", []Edit{{0, 3, "x"}, {2, 4, "y"}}, ""},
		{"out of order", []Edit{{4, 5, "x"}, {0, 1, "y"}}, ""},
		{"behind the end", []Edit{{4, 7, "x"}}, ""},
		{"before the start", []Edit{{-1, 0, "x"}}, ""},
		{"end before start", []Edit{{3, 2, "x"}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Apply([]byte("abcdef"), test.edits)
			if (err != nil) != (test.want == "") || string(got) != test.want {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestMerge(t *testing.T) {
	for _, test := range []struct {
		name       string
		a, b, want []Edit // want nil: an error
	}{
		{"disjoint", []Edit{{4, 5, "x"}}, []Edit{{0, 1, "y"}, {8, 9, "z"}}, []Edit{{0, 1, "y"}, {4, 5, "x"}, {8, 9, "z"}}},
		{"identical edits coalesce", []Edit{{0, 0, "i"}, {4, 5, "x"}}, []Edit{{0, 0, "i"}, {6, 7, "y"}}, []Edit{{0, 0, "i"}, {4, 5, "x"}, {6, 7, "y"}}},
		{"insertion at a border", []Edit{{4, 6, "x"}}, []Edit{{4, 4, "y"}, {6, 6, "z"}}, []Edit{{4, 4, "y"}, {4, 6, "x"}, {6, 6, "z"}}},
		{"two insertions at a point", []Edit{{4, 4, "x"}}, []Edit{{4, 4, "y"}}, nil},
		{"partial overlap", []Edit{{2, 5, "x"}}, []Edit{{4, 6, "x"}}, nil},
		{"insertion inside", []Edit{{2, 5, "x"}}, []Edit{{3, 3, "y"}}, nil},
		{"one range, two texts", []Edit{{2, 5, "x"}}, []Edit{{2, 5, "y"}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			for range 2 {
				got, err := Merge(test.a, test.b)
				if (err != nil) != (test.want == nil) || err == nil && !reflect.DeepEqual(got, test.want) {
					t.Errorf("got %v, %v; want %v", got, err, test.want)
				}
				test.a, test.b = test.b, test.a // either way round
			}
		})
	}
}

func TestDifferenceSlides(t *testing.T) {
	for _, test := range []struct{ name, old, new, want string }{
		{
			"a block starts behind the brace above it",
			"{\n\tif a {\n\t}\n}\n",
			"{\n\tif a {\n\t}\n\tx()\n\tif b {\n\t}\n}\n",
			"\tx()\n\tif b {\n\t}\n",
		},
		{
			"a paragraph takes the blank line below it",
			"a {\n}\n\nc {\n}\n",
			"a {\n}\n\nb {\n}\n\nc {\n}\n",
			"b {\n}\n\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			edits := Difference([]byte(test.old), []byte(test.new))
			if len(edits) != 1 || edits[0].New != test.want {
				t.Errorf("got %v, want one edit %q", edits, test.want)
			}
		})
	}
}

// TestDifferenceIsMinimal compares with the longest common subsequence of all
// pairs of short texts.
func TestDifferenceIsMinimal(t *testing.T) {
	var texts [][]string
	for n := range 1 << 7 {
		var text []string
		for b := n; b > 1; b >>= 1 {
			text = append(text, string(rune('a'+b&1))+"\n")
		}
		texts = append(texts, text)
	}
	for _, a := range texts {
		for _, b := range texts {
			changed := 0
			for _, h := range difference(a, b) {
				changed += h.a1 - h.a0 + h.b1 - h.b0
			}
			if want := len(a) + len(b) - 2*common(a, b); changed != want {
				t.Fatalf("%q to %q: %d lines changed, want %d", a, b, changed, want)
			}
		}
	}
}

// common is the length of the longest common subsequence.
func common(a, b []string) int {
	row := make([]int, len(b)+1)
	for i := range a {
		diag := 0
		for j := range b {
			up := row[j+1]
			if a[i] == b[j] {
				row[j+1] = diag + 1
			} else {
				row[j+1] = max(up, row[j])
			}
			diag = up
		}
	}
	return row[len(b)]
}

func TestDifferenceOfTextsFarApart(t *testing.T) {
	old := strings.Repeat("a\nb\n", maxChanges)
	new := "a\n" + strings.Repeat("c\nd\n", maxChanges) + "b\n"
	edits := Difference([]byte(old), []byte(new))
	got, err := Apply([]byte(old), edits)
	if err != nil || string(got) != new {
		t.Errorf("%d edits do not give the new text: %v", len(edits), err)
	}
}

func FuzzDifference(f *testing.F) {
	f.Add("", "a")
	f.Add("a\nb\n", "b\na")
	f.Add("a\r\n\r\nb\r\n", "a\r\nb\r\n")
	f.Add("\n\n\n", "\n")
	f.Fuzz(func(t *testing.T, old, new string) {
		edits := Difference([]byte(old), []byte(new))
		got, err := Apply([]byte(old), edits)
		if err != nil || string(got) != new {
			t.Fatalf("apply of the difference: %q, %v; want %q", got, err, new)
		}
		for _, e := range edits {
			if e.Start > 0 && old[e.Start-1] != '\n' || e.End < len(old) && e.End > 0 && old[e.End-1] != '\n' {
				t.Fatalf("%v cuts a line of %q", e, old)
			}
		}
		if (old == new) != (len(edits) == 0) {
			t.Fatalf("%d edits from %q to %q", len(edits), old, new)
		}
		merged, err := Merge(edits, edits)
		if err != nil || !reflect.DeepEqual(append([]Edit{}, edits...), merged) {
			t.Fatalf("merge with itself: %v, %v", merged, err)
		}
	})
}
