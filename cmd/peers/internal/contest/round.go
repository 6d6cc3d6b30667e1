package contest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/lockfix/lockfix/cmd/peers/internal/private"
)

// round goes through all states once. Its caches are gone afterwards, and the
// files that it touched are as they were.
func (b *bout) round(ctx context.Context, n int) (err error) {
	dir := filepath.Join(b.Work, fmt.Sprintf("round%d", n))
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if slices.Contains(b.States, Empty) {
		err := b.all(n, func(t tool) error {
			at := filepath.Join(dir, "empty")
			if err := b.measure(ctx, n, Empty, t, at); err != nil {
				return err
			}
			return os.RemoveAll(at) // gigabytes
		})
		if err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(b.States, func(s string) bool { return s != Empty }) {
		return nil
	}
	for _, t := range b.tools {
		if err := private.Cache(b.filled(), buildCache(b.at(dir, t))); err != nil {
			return err
		}
	}
	return b.edits(ctx, n, dir)
}

// edits goes through the states that follow each other. Those that were not
// asked for are gone through as far as others rest on them.
func (b *bout) edits(ctx context.Context, n int, dir string) (err error) {
	for _, s := range b.steps() {
		if s.state != Cold && !slices.Contains(b.States, s.state) {
			continue
		}
		if s.file != nil {
			if err := s.file.Touch(n); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.file.Restore()) }()
		}
		err := b.all(n, func(t tool) error { return b.measure(ctx, n, s.state, t, b.at(dir, t)) })
		if err != nil {
			return err
		}
	}
	return nil
}

// at is the directory of a tool's caches.
func (b *bout) at(dir string, t tool) string {
	return filepath.Join(dir, strings.ReplaceAll(t.name, " ", "-"))
}

func buildCache(at string) string { return filepath.Join(at, "build") }

// all does something for each tool, in an order that changes with the round:
// there is no place that is always the one after a heavy neighbour.
func (b *bout) all(round int, do func(tool) error) error {
	for i := range b.tools {
		if err := do(b.tools[(i+round)%len(b.tools)]); err != nil {
			return err
		}
	}
	return nil
}

// measure runs a tool with the caches at a place and notes what it costs.
func (b *bout) measure(ctx context.Context, n int, state string, t tool, at string) error {
	r, err := b.start(ctx, t, t.command(), buildCache(at), filepath.Join(at, "own"))
	if err != nil {
		return err
	}
	if r.Status != b.status[t.name] {
		return fmt.Errorf("%s ends with status %d in state %s and ended with %d at first, so that runs cannot be compared: %s",
			t.name, r.Status, state, b.status[t.name], r.Tail)
	}
	if !slices.Contains(b.States, state) || state == Cold && !t.cold {
		return nil // run for what follows only
	}
	b.runs = append(b.runs, Run{Round: n, State: state, Tool: t.name, Cost: r.Cost})
	b.log("round %d, %-5s  %-11s  wall %6.2f s, CPU %6.2f s, peak %5d MB",
		n, state, t.name, r.Wall.Seconds(), r.CPU.Round(10*time.Millisecond).Seconds(), r.Peak>>20)
	return nil
}
