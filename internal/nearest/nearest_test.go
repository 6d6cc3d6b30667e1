package nearest

import (
	"strings"
	"testing"
)

func TestNearestNames(t *testing.T) {
	names := []string{"wakeloop", "wakeheld", "blockheld", "tokenheld", "relock"}
	for _, test := range []struct{ in, want string }{
		{"wakelop", "wakeloop"},
		{"wakehold", "wakeheld"},
		{"block", "blockheld relock"},
		{"heldwake", ""},
		{"", ""},
	} {
		if got := strings.Join(Names(test.in, names), " "); got != test.want {
			t.Errorf("Names(%q) = %q, want %q", test.in, got, test.want)
		}
	}
	if got := Names("x", []string{"mu"}); got != nil {
		t.Errorf("Names(x) = %q: nothing is left of it", got)
	}
}

func TestHint(t *testing.T) {
	if got := Hint("lock", []string{"locks", "rules"}, "none"); got != "did you mean locks?" {
		t.Errorf("Hint(lock) = %q", got)
	}
	if got := Hint("zzz", []string{"locks", "rules"}, "none"); got != "none" {
		t.Errorf("Hint(zzz) = %q", got)
	}
}
