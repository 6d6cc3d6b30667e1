package meter

import "testing"

func TestParse(t *testing.T) {
	const rest = " S 1 77 77 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 5 1000 321 18446744073709551615"
	for _, r := range []struct {
		claim, stat string
		group       int
		pages       int64
		ok          bool
	}{
		{"a program", "77 (go)" + rest, 77, 321, true},
		{"a program with a strange name", "77 (a) (b )" + rest, 77, 321, true},
		{"a file that was cut", "77 (go) S 1 77", 0, 0, false},
		{"nothing", "", 0, 0, false},
	} {
		group, pages, ok := parse([]byte(r.stat))
		if group != r.group || pages != r.pages || ok != r.ok {
			t.Errorf("%s: %d, %d, %v", r.claim, group, pages, ok)
		}
	}
}
