// Package contest runs lockfix and the tools that people run anyway side by side
// on one module, in each state that a module is met in.
//
// # States
//
//	empty   every cache is empty, the go command's too: a fresh machine of CI
//	cold    a tool's own results are missing, and all packages are compiled
//	warm    the same again, nothing changed
//	leaf    then a file changed that no other package depends on
//	deep    then one changed that most depend on
//
// # How they are made
//
// All tools are run once in one build cache, to fill it. In each round each tool
// gets a copy of that, so that none finds what another one has left, and an empty
// cache of its own: by STATICCHECK_CACHE and LOCKFIX_CACHE. go vet keeps its results
// in the build cache, by its flags among others. So it is run there with a flag
// that names one more function like Printf, which there is none of: that compiles
// all that vet needs, and go vet without the flag finds no result, neither of the
// module nor of what it depends on (seen with go vet -x: it is started again for
// each package, and nothing is compiled). go build has nothing but the build cache:
// it is not cold when that is warm.
//
// # Pairs
//
// The tools take turns within a state, each round in another order, and ratios are
// taken within a round: what else the machine does falls on both.
package contest

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/cmd/peers/internal/meter"
	"github.com/lockfix/lockfix/cmd/peers/internal/private"
	"github.com/lockfix/lockfix/cmd/peers/internal/touch"
)

// Names of the states, in the order in which a round goes through them.
const (
	Empty = "empty"
	Cold  = "cold"
	Warm  = "warm"
	Leaf  = "leaf"
	Deep  = "deep"
)

// States are all states.
var States = []string{Empty, Cold, Warm, Leaf, Deep}

// Options say what is measured.
type Options struct {
	Dir         string // the module, in a clone
	Lockfix     string // the binary
	Staticcheck string
	Leaf, Deep  string // files to touch, relative to Dir; "" chosen
	Rounds      int
	States      []string
	Work        string // directory for copies
	Log         io.Writer
}

// A Run is one run of a tool.
type Run struct {
	Round       int
	State, Tool string
	meter.Cost
}

// A bout is a contest under way.
type bout struct {
	Options
	module     string // the copy of Dir
	tools      []tool
	leaf, deep *touch.File
	status     map[string]int // by tool: that of its first run
	runs       []Run
}

// Hold measures all tools in all states.
func Hold(ctx context.Context, o Options) (*Result, error) {
	return hold(ctx, o, tools(o.Lockfix, o.Staticcheck))
}

func hold(ctx context.Context, o Options, tools []tool) (*Result, error) {
	b := &bout{Options: o, tools: tools, status: make(map[string]int)}
	if err := b.prepare(ctx); err != nil {
		return nil, err
	}
	for round := 1; round <= o.Rounds; round++ {
		if err := b.round(ctx, round); err != nil {
			return nil, err
		}
	}
	head, err := b.head()
	if err != nil {
		return nil, err
	}
	return &Result{Head: head, Runs: b.runs}, nil
}

// head says what was measured.
func (b *bout) head() ([]string, error) {
	lines := []string{fmt.Sprintf("%s: %d CPUs, %s, %d rounds", filepath.Base(b.Dir), runtime.NumCPU(), runtime.Version(), b.Rounds)}
	for _, s := range b.steps() {
		if s.file == nil || !slices.Contains(b.States, s.state) {
			continue
		}
		name, err := filepath.Rel(b.module, s.file.Name)
		if err != nil {
			return nil, err
		}
		lines = append(lines, fmt.Sprintf("touched as %s: %s (odd rounds add a function, even ones a comment)", s.state, filepath.ToSlash(name)))
	}
	return lines, nil
}

// A step is a state that follows another one, and the file that is touched
// between them.
type step struct {
	state string
	file  *touch.File
}

// steps are all states but the empty one, in order.
func (b *bout) steps() []step {
	return []step{{Cold, nil}, {Warm, nil}, {Leaf, b.leaf}, {Deep, b.deep}}
}

// prepare makes the copies, chooses the files to touch and fills the build cache.
func (b *bout) prepare(ctx context.Context) error {
	root := private.Root(b.Dir)
	rel, err := filepath.Rel(root, b.Dir)
	if err != nil {
		return err
	}
	b.log("copying %s", root)
	tree := filepath.Join(b.Work, "tree")
	if err := private.Tree(root, tree); err != nil {
		return err
	}
	b.module = filepath.Join(tree, rel)
	packages, err := touch.List(ctx, b.module, environment(b.filled()))
	if err != nil {
		return err
	}
	if b.leaf, err = b.chosen(Leaf, b.Leaf, packages, touch.Leaf); err != nil {
		return err
	}
	if b.deep, err = b.chosen(Deep, b.Deep, packages, touch.Deep); err != nil {
		return err
	}
	for _, t := range b.tools {
		b.log("filling the build cache: %s", t.name)
		r, err := b.start(ctx, t, t.fill(), b.filled(), filepath.Join(b.Work, "thrown-away", t.own))
		if err != nil {
			return err
		}
		if err := t.judge(r); err != nil {
			return err
		}
		b.status[t.name] = r.Status
	}
	return nil
}

// filled is the build cache that all others are copies of.
func (b *bout) filled() string { return filepath.Join(b.Work, "filled") }

// chosen opens the file that was named for a state, or else one that is chosen:
// none where the state is not asked for.
func (b *bout) chosen(state, name string, packages []touch.Package, choose func([]touch.Package) (string, error)) (*touch.File, error) {
	if !slices.Contains(b.States, state) {
		return nil, nil
	}
	if name != "" {
		return touch.Open(filepath.Join(b.module, name))
	}
	name, err := choose(packages)
	if err != nil {
		return nil, err
	}
	return touch.Open(name)
}

// start runs a command of a tool with the caches at two places.
func (b *bout) start(ctx context.Context, t tool, args []string, build, own string) (meter.Result, error) {
	if err := os.MkdirAll(own, 0o755); err != nil {
		return meter.Result{}, fmt.Errorf("make a cache: %w", err)
	}
	return meter.Run(ctx, meter.Command{Args: args, Dir: b.module, Env: t.environment(build, own)})
}

func (b *bout) log(format string, args ...any) {
	fmt.Fprintf(b.Log, format+"\n", args...)
}

// Check says what is wrong with options that a person gave.
func (o Options) Check() error {
	for _, s := range o.States {
		if !slices.Contains(States, s) {
			return fmt.Errorf("no state %q: there are %s", s, strings.Join(States, ", "))
		}
	}
	if o.Rounds < 1 {
		return fmt.Errorf("%d rounds measure nothing: give --rounds 1 or more", o.Rounds)
	}
	return nil
}
