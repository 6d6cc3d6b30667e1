package main

import (
	"cmp"
	"fmt"
	"go/token"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/suppress"
)

// input is what there is to report.
func (c *check) input() report.Input {
	comments := &rule.Rule{Name: suppress.Rule, Title: "a lockfix:ignore comment names no rule, gives no reason or silences nothing"}
	return report.Input{
		Dir:      c.dir,
		Root:     repository(c.dir),
		Findings: c.findings,
		Fixed:    c.fixed,
		Problems: c.worded(),
		Source:   oneByOne(c.source),
		Color:    c.color,
		Version:  semanticVersion(),
		Rules:    append(slices.Clone(c.rules), comments),
		Page:     c.page,
	}
}

// oneByOne asks for a file once as long as no other one is asked for. A finding has
// several places, findings are in order, and to hold all their files would take room.
func oneByOne(source func(file string) []byte) func(file string) []byte {
	var name string
	var text []byte
	return func(file string) []byte {
		if file != name {
			name, text = file, source(file)
		}
		return text
	}
}

// repository is the root of the checkout that GitHub Actions works in, where what
// it reads has its paths from, "" if the directory is not in it.
func repository(dir string) string {
	root := os.Getenv("GITHUB_WORKSPACE")
	if root == "" || !filepath.IsAbs(root) {
		return ""
	}
	if rel, err := filepath.Rel(root, dir); err != nil || !filepath.IsLocal(rel) {
		return ""
	}
	return root
}

// maxSummary is what GitHub shows of the summary of one step; a longer one is
// dropped whole.
const maxSummary = 1 << 20

// summarizeStep appends the report to the summary of the step, where annotations
// are written in GitHub Actions: it shows ten of them.
func (c *check) summarizeStep() (err error) {
	name := os.Getenv("GITHUB_STEP_SUMMARY")
	if c.format != "github" || c.diff || c.list || name == "" {
		return nil
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	room := maxSummary
	if info, err := f.Stat(); err == nil {
		room -= int(info.Size())
	}
	_, err = f.WriteString(report.StepSummary(c.input(), c.linker(), room))
	return err
}

// linker words places for a summary: as links to the commit that is checked, if the
// environment says which it is and the line is still the same there.
func (c *check) linker() func(token.Position) string {
	root := repository(c.dir)
	commit := strings.Join([]string{os.Getenv("GITHUB_SERVER_URL"), os.Getenv("GITHUB_REPOSITORY"), "blob", os.Getenv("GITHUB_SHA")}, "/")
	known := root != "" && os.Getenv("GITHUB_SERVER_URL") != "" && os.Getenv("GITHUB_REPOSITORY") != "" && os.Getenv("GITHUB_SHA") != ""
	return func(pos token.Position) string {
		name := report.Rel(cmp.Or(root, c.dir), pos.Filename)
		label := fmt.Sprintf("`%s:%d`", name, pos.Line)
		if _, changed := c.changes[pos.Filename]; changed || !known || !filepath.IsLocal(name) {
			return label
		}
		return fmt.Sprintf("[%s](%s/%s#L%d)", label, commit, (&url.URL{Path: name}).EscapedPath(), pos.Line)
	}
}
