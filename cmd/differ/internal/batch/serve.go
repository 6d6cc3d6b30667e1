package batch

// serve is the test that a batch is built of.
const serve = `package batch

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"batch/original"
	"batch/rewritten"
	"batch/simulate"
)

type request struct {
	Program  int
	Variant  string
	From, To uint64
}

type seen struct {
	simulate.Outcome
	Times int
	Seed  uint64
}

func TestServe(t *testing.T) {
	programs := map[string]map[int]func(){"original": original.Programs, "rewritten": rewritten.Programs}
	out := json.NewEncoder(os.NewFile(3, "answers"))
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var r request
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		byKey := map[string]*seen{}
		answer := []*seen{}
		for seed := r.From; seed < r.To; seed++ {
			o := simulate.Schedule(t, seed, programs[r.Variant][r.Program])
			key := fmt.Sprint(o.Stuck, o.Endless, o.Fatal, o.Races > 0, o.Logs, o.Before)
			s := byKey[key]
			if s == nil {
				s = &seen{Outcome: o, Seed: seed}
				byKey[key] = s
				answer = append(answer, s)
			}
			s.Times++
		}
		if err := out.Encode(answer); err != nil {
			t.Fatal(err)
		}
	}
}
`
