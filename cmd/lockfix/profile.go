package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"time"

	"github.com/spf13/cobra"
)

// profileFlags adds those that developers know.
func (o *options) profileFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.cpuProfile, "cpuprofile", "", "write a CPU profile to a `file`")
	f.StringVar(&o.memProfile, "memprofile", "", "write a heap profile to a `file`")
	for _, name := range []string{"cpuprofile", "memprofile"} {
		if err := f.MarkHidden(name); err != nil {
			panic(err) // a flag that is not there
		}
	}
}

// heapRate is the usual rate of samples: one in so many bytes.
const heapRate = 512 << 10

// profile starts what the hidden flags ask for; what it returns ends it.
func (o *options) profile() (stop func() error, err error) {
	if o.memProfile != "" {
		runtime.MemProfileRate = heapRate
	}
	var cpu *os.File
	if o.cpuProfile != "" {
		if cpu, err = os.Create(o.cpuProfile); err != nil {
			return nil, fmt.Errorf("making the profile: %w", err)
		}
		if err := pprof.StartCPUProfile(cpu); err != nil {
			return nil, fmt.Errorf("starting the profile: %w", err)
		}
	}
	return func() error {
		var errs []error
		if cpu != nil {
			pprof.StopCPUProfile()
			errs = append(errs, cpu.Close())
		}
		if o.memProfile != "" {
			errs = append(errs, heapProfile(o.memProfile))
		}
		return errors.Join(errs...)
	}, nil
}

// heapProfile writes what is in use now, and what was allocated in all.
func heapProfile(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("making the profile: %w", err)
	}
	runtime.GC()
	return errors.Join(pprof.WriteHeapProfile(f), f.Close())
}

// slowest is how many packages --stats names.
const slowest = 10

// times says where the time went, on standard error: with -v by stage, with
// --stats by package.
func (c *check) times() {
	if c.verbose {
		for _, s := range c.timing.Stages {
			fmt.Fprintf(c.stderr, "%-9s  %s\n", s.What, round(s.Time))
		}
	}
	if c.stats {
		fmt.Fprintf(c.stderr, "packages: %d analysed, %d taken from the cache; the slowest:\n", len(c.timing.Packages), c.timing.Recalled)
		for _, p := range c.timing.Packages[:min(slowest, len(c.timing.Packages))] {
			fmt.Fprintf(c.stderr, "%8s  %s\n", round(p.Time), p.What)
		}
	}
}

func round(d time.Duration) string { return d.Round(time.Millisecond).String() }
