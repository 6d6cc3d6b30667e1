package compare

import "testing"

func logs(label string, values ...string) map[string][]string {
	return map[string][]string{label: values}
}

func TestJudge(t *testing.T) {
	finished := Seen{Outcome: Outcome{Logs: logs("g", "1", "2")}, Times: 5}
	stuck := Seen{Outcome: Outcome{Stuck: true, Logs: logs("g", "1"), Before: map[string]int{"g": 1}}, Times: 5}
	died := Seen{Outcome: Outcome{Stuck: true, Fatal: true, Logs: logs("g", "1"), Before: map[string]int{"g": 1}}, Times: 5}
	for _, tt := range []struct {
		claim               string
		original, rewritten []Seen
		opts                Options
		want                Kind
	}{
		{"the same is no news", []Seen{finished}, []Seen{finished}, Options{}, ""},
		{"fewer outcomes are no news", []Seen{finished, stuck}, []Seen{finished}, Options{}, ""},
		{"what goes on from where the original got stuck is explained", []Seen{stuck}, []Seen{finished}, Options{}, ""},
		{"what did something else before is not", []Seen{stuck}, []Seen{{Outcome: Outcome{Logs: logs("g", "2", "2")}, Times: 5}}, Options{}, Result},
		{"to get stuck is news", []Seen{finished}, []Seen{finished, stuck}, Options{}, Deadlock},
		{"to be ended by the runtime is news, even where it got stuck", []Seen{finished, stuck}, []Seen{died}, Options{}, Fatal},
		{"to go on where the runtime ended it is explained", []Seen{died}, []Seen{finished}, Options{}, ""},
		{"a panic is news", []Seen{finished}, []Seen{{Outcome: Outcome{Logs: map[string][]string{"g": {"1", "2"}, "panic": {"p"}}}, Times: 1}}, Options{Least: 3}, Panic},
		{"a race is news", []Seen{finished}, []Seen{{Outcome: Outcome{Races: 1, Logs: logs("g", "1", "2")}, Times: 1}}, Options{}, Race},
		{"a race is none where the original had one", []Seen{{Outcome: Outcome{Races: 1, Logs: logs("g", "1", "2")}, Times: 1}}, []Seen{{Outcome: Outcome{Races: 1, Logs: logs("g", "1", "2")}, Times: 1}}, Options{}, ""},
		{"a result seen too rarely is none yet", []Seen{finished}, []Seen{{Outcome: Outcome{Logs: logs("g", "3")}, Times: 2}}, Options{Least: 3}, ""},
		{"a result seen often is", []Seen{finished}, []Seen{{Outcome: Outcome{Logs: logs("g", "3")}, Times: 3}}, Options{Least: 3}, Result},
		{"what is new together only takes more", []Seen{
			{Outcome: Outcome{Logs: map[string][]string{"g": {"1"}, "h": {"1"}}}, Times: 5},
			{Outcome: Outcome{Logs: map[string][]string{"g": {"2"}, "h": {"2"}}}, Times: 5},
		}, []Seen{{Outcome: Outcome{Logs: map[string][]string{"g": {"1"}, "h": {"2"}}}, Times: 5}}, Options{Least: 3, Joint: 6}, ""},
		{"an order is news", []Seen{finished}, []Seen{{Outcome: Outcome{Logs: logs("g", "2", "1")}, Times: 5}}, Options{}, Result},
		{"an order is none where orders may differ", []Seen{finished}, []Seen{{Outcome: Outcome{Logs: logs("g", "2", "1")}, Times: 5}}, Options{Orders: true}, ""},
		{"a bag has no order", []Seen{{Outcome: Outcome{Logs: logs("~g", "1", "2")}, Times: 5}}, []Seen{{Outcome: Outcome{Logs: logs("~g", "2", "1")}, Times: 5}}, Options{}, ""},
		{"a bag counts", []Seen{{Outcome: Outcome{Logs: logs("~g", "1")}, Times: 5}}, []Seen{{Outcome: Outcome{Logs: logs("~g", "1", "1")}, Times: 5}}, Options{}, Result},
		{"to go round in a circle is news", []Seen{finished}, []Seen{{Outcome: Outcome{Endless: true, Logs: logs("g", "1")}, Times: 1}}, Options{}, Endless},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			original, rewritten := &Set{}, &Set{}
			original.Add(tt.original...)
			rewritten.Add(tt.rewritten...)
			if v := Judge(original, rewritten, tt.opts); v.Kind != tt.want {
				t.Errorf("%q, want %q", v.Kind, tt.want)
			}
		})
	}
}
