package growth_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/lockfix/lockfix/cmd/peers/internal/growth"
	"github.com/lockfix/lockfix/cmd/peers/internal/meter"
)

func series(n int, state string, seconds ...float64) *growth.Series {
	s := &growth.Series{Packages: n, State: state}
	for _, f := range seconds {
		s.Costs = append(s.Costs, meter.Cost{CPU: time.Duration(f * 1e9)})
	}
	return s
}

func TestTheLaw(t *testing.T) {
	for _, r := range []struct {
		claim  string
		all    []*growth.Series
		from   int
		broken bool
	}{
		{"twice is in order", []*growth.Series{series(10, "cold", 1), series(20, "cold", 2.1)}, 10, false},
		{"more is not", []*growth.Series{series(10, "cold", 1), series(20, "cold", 2.3)}, 10, true},
		{"ten times the size has more than three doublings", []*growth.Series{series(10, "cold", 1), series(100, "cold", 13)}, 10, false},
		{"the square shows over them too", []*growth.Series{series(10, "cold", 1), series(100, "cold", 100)}, 10, true},
		{"a small step is skipped", []*growth.Series{series(10, "cold", 1), series(15, "cold", 9), series(20, "cold", 2)}, 10, false},
		{"the nearest half counts", []*growth.Series{series(5, "cold", 1), series(10, "cold", 4), series(20, "cold", 5)}, 10, false},
		{"another state is another matter", []*growth.Series{series(5, "cold", 1), series(10, "warm", .2), series(20, "cold", 4)}, 5, false},
		{"rounds are paired", []*growth.Series{series(10, "cold", 1, 2, 3), series(20, "cold", 2, 4, 9)}, 10, false},
		{"next to nothing is not judged", []*growth.Series{series(10, "cold", .01), series(20, "cold", .05)}, 10, false},
	} {
		t.Run(r.claim, func(t *testing.T) {
			steps := growth.Steps(r.all)
			last := steps[len(steps)-1]
			if last.From != r.from || last.Broken() != r.broken {
				t.Errorf("%+v", last)
			}
			if err := growth.Check(steps[len(steps)-1:]); (err != nil) != r.broken {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestPrint(t *testing.T) {
	var out bytes.Buffer
	err := growth.Print(&out, []*growth.Series{series(10, "cold", 1), series(20, "cold", 3), series(40, "cold", 3), series(10, "warm", .01), series(20, "warm", .01)})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"cold, 10 to 20 packages: CPU time x 3.00 per doubling; at most 2.2 is broken",
		"cold, 20 to 40 packages: CPU time x 1.00 per doubling; at most 2.2 holds",
		"warm, 10 to 20 packages: CPU time x 1.00 per doubling; at most 2.2 too short to tell",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no line %q in\n%s", want, out.String())
		}
	}
}
