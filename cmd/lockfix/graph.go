package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/driver"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/locks"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/page"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/picture"
	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// graphFormats are the forms of the graph.
var graphFormats = []string{"text", "dot", "mermaid", "svg", "html"}

// A graph is one run of the command of that name.
type graph struct {
	program
	options
	focus string
	all   bool
}

func (p program) graphCommand() *cobra.Command {
	g := graph{program: p}
	c := &cobra.Command{
		Use:   "graph [packages | files | work]",
		Short: "show the order in which locks are taken",
		Long: "Show the order in which locks are taken: an arrow leads from a lock that is held\nto one that is taken meanwhile. Cycles are red, and dashed where they are not\n" +
			"likely to close; callbacks that run under a lock are amber.\n\nWithout --all or --focus: the cycles with one hop around them, and the callbacks.",
		Example: "  lockfix graph ./...\n  lockfix graph -f svg -o locks.svg ./...\n  lockfix graph --focus Broker.mu ./...",
		Args:    cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if err := g.validate(); err != nil {
				return err
			}
			return g.run(c.Context(), args)
		},
	}
	f := c.Flags()
	f.StringVarP(&g.format, "format", "f", "text", "`format` of the graph: "+strings.Join(graphFormats, ", "))
	f.StringVarP(&g.output, "output", "o", "", "write the graph to a `file`")
	f.StringVar(&g.focus, "focus", "", "show one `lock`, as Type.field or variable, and one hop around it")
	f.BoolVar(&g.all, "all", false, "show all locks")
	f.StringVar(&g.options.config, "config", "", "read the configuration from this `file`")
	f.StringVarP(&g.dir, "chdir", "C", "", "run in this `directory`")
	f.IntVarP(&g.jobs, "jobs", "j", 0, "packages to look at at a time (0: one a processor)")
	f.BoolVar(&g.noCache, "no-cache", false, "neither use nor keep what runs find out")
	f.BoolVar(&g.tests, "tests", false, "look at test files too")
	f.StringVar(&g.tags, "tags", "", "build `tags`, separated by commas")
	f.BoolVarP(&g.quiet, "quiet", "q", false, "no remarks")
	return c
}

func (g *graph) validate() error {
	if !slices.Contains(graphFormats, g.format) {
		return fmt.Errorf("unknown format %q: use %s", g.format, strings.Join(graphFormats, ", "))
	}
	if g.all && g.focus != "" {
		return errors.New("--all shows all locks and --focus those around one: use one of them")
	}
	g.color, g.level = "never", "hazard"
	return g.options.validate(false)
}

// run looks at the packages, cuts the graph down to what was asked for and writes it.
func (g *graph) run(ctx context.Context, args []string) error {
	conf, err := g.configure(g.options)
	if err != nil {
		return err
	}
	c := &check{program: g.program, options: g.options, args: args, config: conf}
	if c.store, err = c.openStore(); err != nil {
		return err
	}
	whole, problems, err := c.lockOrder(ctx)
	if err != nil {
		return err
	}
	c.problems = problems
	c.store.Trim()
	part, err := g.part(whole)
	if err != nil {
		return err
	}
	text, err := g.draw(ctx, part)
	if err == nil {
		err = c.print(text)
	}
	if err != nil {
		return fmt.Errorf("writing the graph: %w", err)
	}
	c.complain()
	if len(c.problems) > 0 {
		return errFailed
	}
	return nil
}

func (g *graph) part(whole *locks.Graph) (*locks.Graph, error) {
	switch {
	case g.all:
		return whole, nil
	case g.focus != "":
		return whole.Focus(g.focus)
	}
	return whole.Wrong(), nil
}

func (g *graph) draw(ctx context.Context, part *locks.Graph) (string, error) {
	switch g.format {
	case "svg":
		return picture.SVG(ctx, part, g.dir)
	case "html":
		return page.Graph(ctx, part, g.dir)
	case "dot":
		return locks.Dot(part, g.dir), nil
	case "mermaid":
		return locks.Mermaid(part), nil
	}
	return locks.Text(part, g.dir), nil
}

// A gatherer collects what packages say of the lock order.
type gatherer struct {
	mu      sync.Mutex
	pieces  []locks.Piece
	learned []locks.Order
	seen    map[string]bool // packages that something was learned of
}

// visit takes the piece of a package, and what it has learned of packages that no
// other one has told of.
func (g *gatherer) visit(u *driver.Unit) (after *summary.Package, keep []byte) {
	piece, learned := locks.Of(u.Package, u.Owns), locks.Learned(u.Package)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pieces = append(g.pieces, piece)
	learned = slices.DeleteFunc(learned, func(o locks.Order) bool { return g.seen[o.Package] })
	for _, o := range learned {
		g.seen[o.Package] = true
	}
	g.learned = append(g.learned, learned...)
	return u.Package, nil
}

// lockOrder finds the lock order of the packages. Nothing of it is kept for later
// runs: a graph is not asked for at each keystroke, and what packages beside the
// named ones do is known already.
func (c *check) lockOrder(ctx context.Context) (*locks.Graph, []driver.Problem, error) {
	g := gatherer{seen: make(map[string]bool)}
	progress, heap := newProgress(c.stderr), newHeap()
	defer heap.done()
	result, err := driver.Run(ctx, driver.Config{
		Dir:      c.dir,
		Patterns: c.args,
		Tests:    c.tests,
		Tags:     c.tags,
		Jobs:     c.jobs,
		Summarize: func(src *source.Package, facts rewrite.Facts) *summary.Package {
			return c.engine.Summarize(src, facts, c.config.Words)
		},
		Visit:    g.visit,
		Store:    c.store,
		Analysis: c.analysis(),
		Purpose:  "lock order",
		Loaded:   c.config.Seer(),
		Noted:    c.config.Note,
		Remark:   c.remark,
		Progress: progress.show,
		Computes: heap.compute,
	})
	progress.erase()
	if err != nil {
		return nil, nil, err
	}
	problems := result.Problems
	for _, m := range c.config.Missing() {
		problems = append(problems, driver.Problem{Pos: m.Pos, Message: m.Message})
	}
	return locks.Build(g.pieces, g.learned), problems, nil
}

// writePage writes the report as a page, with the lock order in it.
func (c *check) writePage(ctx context.Context, out *strings.Builder) error {
	c.again = true                    // its remarks were made,
	whole, _, err := c.lockOrder(ctx) // and its problems are those of the findings
	if err != nil {
		return err
	}
	tally := c.tally
	tally.Findings, tally.Fixed, tally.Written = c.findings, len(c.fixed), c.write
	text, err := page.Report(ctx, page.Input{Input: c.input(), Tally: tally, Graph: whole.Wrong()})
	out.WriteString(text)
	return err
}
