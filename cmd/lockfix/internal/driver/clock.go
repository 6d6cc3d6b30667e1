package driver

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// The stages of a run. Those of packages go on side by side: together they may
// take longer than the run.
const (
	stageList      = "list"      // ask the go command, or see that it need not be asked
	stageRead      = "read"      // read files and look into the store
	stageCheck     = "check"     // parse and type-check
	stageSummarize = "summarize" // what functions do, and what they hold
	stageVisit     = "visit"     // findings and fixes, with the checks of edits
	stageKeep      = "keep"      // write types, facts and findings
)

var stages = []string{stageList, stageRead, stageCheck, stageSummarize, stageVisit, stageKeep}

// Stats say where the time of a run went.
type Stats struct {
	Stages   []Took // in order
	Packages []Took // those that were analysed, the slowest first
	Recalled int    // packages that were taken from the store
}

// A Took is how long something took.
type Took struct {
	What string
	Time time.Duration
}

// A clock adds up what stages and packages take.
type clock struct {
	mu       sync.Mutex
	stages   map[string]time.Duration
	packages map[string]time.Duration
	recalled int
}

func newClock() *clock {
	return &clock{stages: make(map[string]time.Duration), packages: make(map[string]time.Duration)}
}

// start starts a stage for a package, "" for all; what it returns ends it.
func (c *clock) start(stage, pkg string) (end func()) {
	begin := time.Now()
	return func() {
		took := time.Since(begin)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.stages[stage] += took
		if pkg != "" && stage != stageRead {
			c.packages[pkg] += took
		}
	}
}

func (c *clock) recall() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.recalled++
}

func (c *clock) stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := Stats{Recalled: c.recalled}
	for _, stage := range stages {
		s.Stages = append(s.Stages, Took{stage, c.stages[stage]})
	}
	for pkg, took := range c.packages {
		s.Packages = append(s.Packages, Took{pkg, took})
	}
	slices.SortFunc(s.Packages, func(a, b Took) int { return cmp.Or(cmp.Compare(b.Time, a.Time), cmp.Compare(a.What, b.What)) })
	return s
}
