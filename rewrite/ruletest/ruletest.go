package ruletest

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
)

var update = flag.Bool("update", false, "write the goldens")

// Run runs a rule on every archive of testdata: a subtest each, named by the
// file. The first line of the archive's comment, its claim, is logged with what
// fails.
func Run(t *testing.T, r *rule.Rule) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata has no archives: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			row, err := readRow(file)
			if err != nil {
				t.Fatal(err)
			}
			src, facts, err := newWorld().load(row)
			if err != nil {
				t.Fatal(err)
			}
			c := &rowTest{T: t, rule: r, row: row, src: src, facts: facts}
			c.run()
			if t.Failed() {
				t.Logf("claim: %s", row.claim)
			}
		})
	}
}

// A rowTest is one archive under test.
type rowTest struct {
	*testing.T
	rule  *rule.Rule
	row   *row
	src   *source.Package
	facts rewrite.Facts
}

func (c *rowTest) run() {
	c.goldens()
	c.findings()
	for _, unsafe := range []bool{false, true} {
		c.results(unsafe)
	}
	c.behaviour()
	if *update && !c.Failed() {
		if err := os.WriteFile(c.row.file, txtar.Format(c.row.ar), 0o644); err != nil {
			c.Fatal(err)
		}
	}
}

// report fails once for each thing amiss.
func (c *rowTest) report(what string, amiss []string) {
	c.Helper()
	for _, s := range amiss {
		c.Errorf("%s: %s", what, s)
	}
}

// goldens holds the archive itself to the laws, before any rule is asked.
func (c *rowTest) goldens() {
	c.report("input", lawful(c.src, nil))
	if *update {
		return
	}
	for _, unsafe := range []bool{false, true} {
		contents := make(map[string][]byte)
		for _, f := range c.src.Files {
			contents[f.Name] = c.row.golden(filepath.Base(f.Name), unsafe)
		}
		c.report("golden "+mode(unsafe), lawful(c.src, contents))
	}
}

func mode(unsafe bool) string {
	if unsafe {
		return "-w --unsafe-fixes"
	}
	return "-w"
}

func (c *rowTest) find() []*rule.Finding {
	sum := rewrite.Summarize(c.src, c.facts, nil)
	opts := rewrite.Options{Rules: []*rule.Rule{c.rule}, Fixes: true}
	return rewrite.Default.Report(sum, c.facts, opts, []string{c.rule.Name}).Findings
}

// findings compares what is found with what is wanted.
func (c *rowTest) findings() {
	ws, err := wants(c.src, c.row.wants...)
	if err != nil {
		c.Fatal(err)
	}
	for _, w := range ws {
		if w.rule != c.rule.Name {
			c.Errorf("%swants %s, the rule is %s", at(w.file, w.line), w.rule, c.rule.Name)
		}
	}
	found := c.find()
	c.report("findings", match(found, ws))
	if again := c.find(); render(again) != render(found) {
		c.Errorf("not deterministic: first\n%s, then\n%s", render(found), render(again))
	}
}

// results applies the fixes, compares with the golden and holds the laws.
func (c *rowTest) results(unsafe bool) {
	before := make(map[string][]byte)
	for _, f := range c.src.Files {
		before[f.Name] = bytes.Clone(f.Content)
	}
	contents, again := c.apply(c.src, unsafe), c.apply(c.src, unsafe)
	if !maps.EqualFunc(contents, again, bytes.Equal) {
		c.Errorf("%s: not deterministic", mode(unsafe))
	}
	c.report(mode(unsafe), lawful(c.src, contents))
	if rest := c.apply(c.src.With(contents), unsafe); len(rest) > 0 {
		c.Errorf("%s: not idempotent: a second run changes %v", mode(unsafe), slices.Sorted(maps.Keys(rest)))
	}
	for _, f := range c.src.Files {
		if !bytes.Equal(f.Content, before[f.Name]) {
			c.Errorf("%s: the input %s was changed", mode(unsafe), filepath.Base(f.Name))
		}
		got, ok := contents[f.Name]
		if !ok {
			got = f.Content
		}
		c.compare(filepath.Base(f.Name), unsafe, got)
	}
}

func (c *rowTest) apply(src *source.Package, unsafe bool) map[string][]byte {
	contents, _, _, err := rewrite.Apply(src, c.facts, rewrite.ApplyOptions{Rules: []*rule.Rule{c.rule}, Unsafe: unsafe})
	if err != nil {
		c.Fatalf("%s: %v", mode(unsafe), err)
	}
	return contents
}

func (c *rowTest) compare(name string, unsafe bool, got []byte) {
	if *update {
		c.row.setGolden(name, unsafe, got)
		return
	}
	if want := c.row.golden(name, unsafe); !bytes.Equal(got, want) {
		c.Errorf("%s: %s is\n%s\nwant\n%s", mode(unsafe), name, got, want)
	}
}
