package suppress

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/internal/pattern"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
)

// Rule is the name under which what is wrong with a comment is reported.
const Rule = "ignore"

const prefix = "//lockfix:ignore"

// gvisorIgnores matches the annotation by which gvisor's checklocks leaves a
// function or a line alone.
var gvisorIgnores = pattern.New(`^// ?\+checklocks(ignore|force)\b`)

// Options say what ran.
type Options struct {
	Active []string // rules that looked at the package
	Known  []string // every rule there is; none: names are not checked
	Fixes  bool     // offer the removal of an unused comment

	// All returns the findings of every level. It is asked when a comment seems to
	// silence nothing: one that another run would show may be what it is for.
	All func() []*rule.Finding
}

// A comment is one suppression in a file.
type comment struct {
	node        *ast.Comment
	file        *source.File
	rules       []string
	reason      string
	first, last int // lines on which it silences
	used        bool
	all         bool // gvisor's +checklocksignore: every rule, no reason needed
}

// Apply returns the findings that are not silenced, those about the comments
// themselves among them, in source order, and how many were silenced.
func Apply(src *source.Package, findings []*rule.Finding, opts Options) (open []*rule.Finding, ignored int) {
	comments := collect(src)
	for _, f := range findings {
		if silence(comments, f) {
			ignored++
			continue
		}
		open = append(open, f)
	}
	if opts.All != nil && slices.ContainsFunc(comments, func(c *comment) bool { return !c.used }) {
		for _, f := range opts.All() {
			silence(comments, f)
		}
	}
	for i, c := range comments {
		if f := judge(src, c, opts); f != nil {
			if f.Fix != nil {
				f.Fix.Section = -1 - i
			}
			open = append(open, f)
		}
	}
	slices.SortStableFunc(open, func(a, b *rule.Finding) int {
		return cmp.Or(strings.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Offset, b.Pos.Offset))
	})
	return open, ignored
}

// silence marks every comment that covers the finding as used.
func silence(comments []*comment, f *rule.Finding) bool {
	hit := false
	for _, c := range comments {
		named := c.all || c.reason != "" && slices.Contains(c.rules, f.Rule)
		if named && c.file.Name == f.Pos.Filename && c.first <= f.Pos.Line && f.Pos.Line <= c.last {
			c.used, hit = true, true
		}
	}
	return hit
}

// collect returns the suppressions of a package in source order. Those in
// generated files are obeyed by nobody, as nothing is reported there.
func collect(src *source.Package) []*comment {
	var all []*comment
	for _, f := range src.Files {
		if f.ReadOnly == "generated" {
			continue
		}
		docs := functionDocs(f.Syntax)
		for _, group := range f.Syntax.Comments {
			for _, node := range group.List {
				if c := parse(node, f); c != nil {
					c.first = src.Position(node.Pos()).Line
					c.last = c.first + 1
					if c.all {
						c.last = c.first
					}
					if d := docs[group]; d != nil {
						c.last = src.Position(d.End()).Line
					}
					all = append(all, c)
				}
			}
		}
	}
	return all
}

func functionDocs(f *ast.File) map[*ast.CommentGroup]*ast.FuncDecl {
	docs := make(map[*ast.CommentGroup]*ast.FuncDecl)
	for _, d := range f.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && d.Doc != nil {
			docs[d.Doc] = d
		}
	}
	return docs
}

// parse returns nil for any other comment. As with every directive of Go there
// is no space after the slashes.
func parse(node *ast.Comment, f *source.File) *comment {
	if gvisorIgnores.MatchString(node.Text) {
		return &comment{node: node, file: f, all: true, used: true}
	}
	rest, ok := strings.CutPrefix(node.Text, prefix)
	if !ok || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return nil
	}
	c := &comment{node: node, file: f}
	names, reason, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if names != "" {
		c.rules = strings.Split(names, ",")
	}
	c.reason = strings.TrimSpace(reason)
	return c
}

// judge says what is wrong with a comment, nil if nothing is.
func judge(src *source.Package, c *comment, opts Options) *rule.Finding {
	if c.all {
		return nil
	}
	f := &rule.Finding{
		Rule:    Rule,
		Level:   hazard.Deadlock,
		Package: src.Path,
		Pos:     src.Position(c.node.Pos()),
		End:     src.Position(c.node.End()),
	}
	unknown := slices.IndexFunc(c.rules, func(r string) bool { return len(opts.Known) > 0 && !slices.Contains(opts.Known, r) })
	switch {
	case len(c.rules) == 0:
		f.Message = "lockfix:ignore names no rule and gives no reason"
	case unknown >= 0:
		f.Message = fmt.Sprintf("lockfix:ignore names an unknown rule %q", c.rules[unknown])
	case c.reason == "":
		f.Message = fmt.Sprintf("lockfix:ignore %s gives no reason", strings.Join(c.rules, ","))
	case c.used || len(src.Errors) > 0 || !subset(c.rules, opts.Active):
		return nil
	default:
		f.Level = hazard.Hazard
		f.Message = fmt.Sprintf("lockfix:ignore %s silences nothing", strings.Join(c.rules, ","))
		if opts.Fixes && c.file.ReadOnly == "" {
			f.Fix = removal(src, c)
		}
	}
	if f.Fix == nil && f.Level == hazard.Deadlock {
		f.Refusals = []rule.Note{{Text: "only a person knows what was meant"}}
	}
	return f
}

func subset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// removal deletes the comment: with its line if it stands alone on it, else with
// the blanks before it. The empty comment line that gofmt puts between prose and
// directives goes too.
func removal(src *source.Package, c *comment) *rule.Fix {
	text := c.file.Content
	start := src.Position(c.node.Pos()).Offset
	end := start
	for end < len(text) && text[end] != '\n' && text[end] != '\r' {
		end++
	}
	start -= len(text[:start]) - len(bytes.TrimRight(text[:start], " \t"))
	if start == 0 || text[start-1] == '\n' {
		end += len(lineEnd(text[end:]))
		if !bytes.HasPrefix(bytes.TrimLeft(text[end:], " \t"), []byte("//")) {
			start = skipBare(text, start)
		}
	}
	return &rule.Fix{
		Title:    "remove the comment",
		Strategy: "remove",
		Safe:     true,
		Changes:  []rule.Change{{File: c.file.Name, Edits: []edit.Edit{{Start: start, End: end}}}},
	}
}

// Silenced is the strategy of the fixes that [Silence] makes.
const Silenced = "silence"

// Silence returns a fix that silences rules where a finding is, by a comment on a
// line above. A comment that is there already would no longer be above what it is
// for: then there is none.
func Silence(file *source.File, f *rule.Finding, rules []string, reason string) (*rule.Fix, error) {
	names := strings.Join(rules, ",")
	text := file.Content
	start := bytes.LastIndexByte(text[:f.Pos.Offset], '\n') + 1
	end := "\n"
	if bytes.HasSuffix(text[:start], []byte("\r\n")) {
		end = "\r\n"
	}
	above := bytes.TrimSuffix(text[:start], []byte("\n"))
	above = above[bytes.LastIndexByte(above, '\n')+1:]
	if bytes.Contains(above, []byte(prefix)) {
		return nil, fmt.Errorf("the line above has a lockfix:ignore comment already: add %s to it", names)
	}
	line := text[start:]
	indent := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
	return &rule.Fix{
		Title:    "ignore " + names + ": " + reason,
		Strategy: Silenced,
		Safe:     true,
		Section:  -1 - start,
		Changes: []rule.Change{{File: file.Name, Edits: []edit.Edit{
			{Start: start, End: start, New: string(indent) + prefix + " " + names + " " + reason + end},
		}}},
	}, nil
}

func lineEnd(text []byte) string {
	for _, e := range []string{"\n", "\r\n"} {
		if bytes.HasPrefix(text, []byte(e)) {
			return e
		}
	}
	return ""
}

// skipBare returns the start of the line before start if it is an empty comment.
func skipBare(text []byte, start int) int {
	before := bytes.TrimSuffix(text[:start], []byte("\n"))
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	if string(bytes.TrimSpace(line)) != "//" {
		return start
	}
	return len(before) - len(line)
}
