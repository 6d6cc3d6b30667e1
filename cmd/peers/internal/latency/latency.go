// Package latency measures how long lockfix lsp lets somebody wait who edits a file.
package latency

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// rest is how long the server waits after a change for the next one: it is not
// counted, as the user is typing then.
const rest = time.Second

// Options say what to measure.
type Options struct {
	Lockfix string // absolute
	Work    string // for the cache
	Dir     string // of a module, absolute
	File    string // to edit, relative to Dir; it is not written
	Edits   int
	Log     io.Writer
}

// A Result is what one session has cost.
type Result struct {
	Cold, Warm time.Duration // from start to the first diagnostics: with an empty cache, and with a full one
	Change     []time.Duration
	AtOnce     []time.Duration // code actions that are asked for right when a finding is shown
	Later      []time.Duration // and those that are asked for a second after
	Resolve    []time.Duration
	Peak       int64 // bytes; 0: not known here
	Findings   int   // that are shown for the file
}

// Measure runs two sessions: one fills the cache, the other is measured.
func Measure(ctx context.Context, o Options) (r *Result, err error) {
	r = new(Result)
	file := filepath.Join(o.Dir, o.File)
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading what to edit: %w: give --file, relative to --dir", err)
	}
	for _, to := range []*time.Duration{&r.Cold, &r.Warm} {
		e, err := open(ctx, o, file, string(content))
		if err != nil {
			return nil, err
		}
		*to = e.first
		fmt.Fprintf(o.Log, "first diagnostics after %.2f s\n", e.first.Seconds())
		if to == &r.Warm {
			err = e.edit(ctx, o, r)
			r.Peak = e.peak()
		}
		if err := errors.Join(err, e.close(ctx)); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// edit types lines into functions of the file, one after the other, and asks for what
// can be done about the findings.
func (e *editor) edit(ctx context.Context, o Options, r *Result) error {
	places := bodies(e.text)
	if len(places) == 0 {
		return fmt.Errorf("%s has no function with an if statement to type into: give another --file", o.File)
	}
	for i := range o.Edits {
		line := places[(i*7)%len(places)]
		for j, p := range places {
			if p >= line {
				places[j]++
			}
		}
		begun := time.Now()
		if err := e.insert(ctx, line, fmt.Sprintf("\t\t_ = %d\n", i)); err != nil {
			return err
		}
		found, err := e.diagnostics(ctx)
		if err != nil {
			return err
		}
		r.Change = append(r.Change, time.Since(begun)-rest)
		r.Findings = len(found)
		for _, d := range found[:min(3, len(found))] {
			if _, err := e.actions(ctx, d, &r.AtOnce); err != nil {
				return err
			}
		}
		time.Sleep(time.Second)
		for _, d := range found[:min(3, len(found))] {
			list, err := e.actions(ctx, d, &r.Later)
			if err != nil {
				return err
			}
			for _, a := range list {
				if err := e.resolve(ctx, a, r); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// bodies lists the lines below if statements, which are in functions.
func bodies(text string) (lines []int) {
	for i, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "\tif ") && strings.HasSuffix(line, "{") {
			lines = append(lines, i+1)
		}
	}
	return lines
}

func (e *editor) actions(ctx context.Context, d diagnostic, to *[]time.Duration) (list []json.RawMessage, err error) {
	begun := time.Now()
	err = e.conn.Call(ctx, "textDocument/codeAction", map[string]any{
		"textDocument": map[string]any{"uri": e.uri}, "range": d.Range, "context": map[string]any{"diagnostics": []any{}},
	}, &list)
	*to = append(*to, time.Since(begun))
	return list, err
}

// resolve asks for the edit of an action that has none yet.
func (e *editor) resolve(ctx context.Context, a json.RawMessage, r *Result) error {
	var lazy struct{ Data json.RawMessage }
	if json.Unmarshal(a, &lazy) != nil || lazy.Data == nil {
		return nil
	}
	begun := time.Now()
	var got struct{ Edit json.RawMessage }
	if err := e.conn.Call(ctx, "codeAction/resolve", a, &got); err != nil {
		return err
	}
	if got.Edit == nil {
		return errors.New("an action was resolved to nothing")
	}
	r.Resolve = append(r.Resolve, time.Since(begun))
	return nil
}

// An aim is what a figure is to stay below.
type aim struct {
	what  string
	value float64
	unit  string
	below float64 // 0: it is only told
}

func (r *Result) aims() []aim {
	ms := func(d time.Duration) float64 { return d.Seconds() * 1000 }
	return []aim{
		{"first diagnostics, empty cache", r.Cold.Seconds(), "s", 0},
		{"first diagnostics, full cache", r.Warm.Seconds(), "s", 2},
		{"change to diagnostics, p50", ms(Percentile(r.Change, 50)), "ms", 150},
		{"change to diagnostics, p95", ms(Percentile(r.Change, 95)), "ms", 300},
		{"code actions at once, p95", ms(Percentile(r.AtOnce, 95)), "ms", 0},
		{"code actions a second later, p95", ms(Percentile(r.Later, 95)), "ms", 50},
		{"resolve, p95", ms(Percentile(r.Resolve, 95)), "ms", 100},
		{"peak memory", float64(r.Peak) / (1 << 20), "MB", 500},
	}
}

// Percentile is the least duration that p percent of a list do not exceed.
func Percentile(list []time.Duration, p float64) time.Duration {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[max(0, int(math.Ceil(p/100*float64(len(sorted))))-1)]
}

// Print writes a table.
func (r *Result) Print(w io.Writer) error {
	fmt.Fprintf(w, "%d findings, %d changes, %d code actions, %d resolved\n\n", r.Findings, len(r.Change), len(r.AtOnce)+len(r.Later), len(r.Resolve))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, a := range r.aims() {
		limit := ""
		if a.below > 0 {
			limit = fmt.Sprintf("aim %.0f", a.below)
		}
		fmt.Fprintf(table, "%s\t%.4g %s\t%s\n", a.what, a.value, a.unit, limit)
	}
	return table.Flush()
}

// Check is an error if an aim is missed.
func (r *Result) Check() error {
	var errs []error
	for _, a := range r.aims() {
		if a.below > 0 && a.value > a.below {
			errs = append(errs, fmt.Errorf("%s: %.4g %s, aim %.0f", a.what, a.value, a.unit, a.below))
		}
	}
	return errors.Join(errs...)
}
