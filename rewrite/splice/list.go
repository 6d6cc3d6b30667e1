package splice

import (
	"slices"
	"strings"

	"github.com/dave/dst"
)

// A list is a statement list as a reader sees it: lines, each a statement with
// the comments beside it or comments alone, and above each a line break or a
// blank line. dst hangs the same comments on whichever statement is near, at its
// start or end, which is the wrong shape for taking statements out and putting
// them in: what stands on the lines below a statement is not the statement's.
type list struct {
	owner dst.Node // *dst.BlockStmt, *dst.CaseClause or *dst.CommClause
	open  []string // comments behind the opening brace or colon
	lines []line
	end   dst.SpaceType // above what closes the list
}

// A line is a statement or, without one, a line of comments.
type line struct {
	gap  dst.SpaceType // above it
	pre  []string      // comments before the statement
	stmt dst.Stmt
	post []string // comments behind the statement
}

// body returns the statements that a node holds as a list.
func body(n dst.Node) *[]dst.Stmt {
	switch n := n.(type) {
	case *dst.BlockStmt:
		return &n.List
	case *dst.CaseClause:
		return &n.Body
	case *dst.CommClause:
		return &n.Body
	}
	return nil
}

// opening returns the comments that dst keeps behind the brace or colon.
func opening(n dst.Node) *dst.Decorations {
	switch n := n.(type) {
	case *dst.BlockStmt:
		return &n.Decs.Lbrace
	case *dst.CaseClause:
		return &n.Decs.Colon
	case *dst.CommClause:
		return &n.Decs.Colon
	}
	return nil
}

// A reader takes apart what dst has strung together: comments, and "\n" for a
// line break beyond the one that a // comment implies.
type reader struct {
	list
	breaks int // line breaks since the last comment or statement
}

func read(owner dst.Node) *list {
	r := &reader{list: list{owner: owner}}
	r.comments(*opening(owner))
	for _, s := range *body(owner) {
		d := s.Decorations()
		r.space(d.Before)
		r.comments(d.Start)
		r.statement(s)
		r.comments(d.End)
		r.space(d.After)
	}
	if _, ok := owner.(*dst.BlockStmt); !ok {
		// What follows the last statement of a clause hangs on the clause.
		r.comments(owner.Decorations().End)
	}
	r.end = gap(r.breaks)
	return &r.list
}

func (r *reader) space(s dst.SpaceType) { r.breaks = max(r.breaks, breaks(s)) }

func (r *reader) comments(decs dst.Decorations) {
	for _, c := range decs {
		if c == "\n" {
			r.breaks++
			continue
		}
		r.comment(c)
		r.breaks = 0
		if strings.HasPrefix(c, "//") {
			r.breaks = 1
		}
	}
}

func (r *reader) comment(c string) {
	if r.breaks > 0 {
		r.lines = append(r.lines, line{gap: gap(r.breaks), pre: []string{c}})
		return
	}
	if len(r.lines) == 0 {
		r.open = append(r.open, c)
		return
	}
	last := &r.lines[len(r.lines)-1]
	if last.stmt == nil {
		last.pre = append(last.pre, c)
	} else {
		last.post = append(last.post, c)
	}
}

func (r *reader) statement(s dst.Stmt) {
	if n := len(r.lines); r.breaks == 0 && n > 0 && r.lines[n-1].stmt == nil {
		r.lines[n-1].stmt = s
	} else {
		r.lines = append(r.lines, line{gap: gap(r.breaks), stmt: s})
	}
	r.breaks = 0
}

// gap is the space that line breaks make; lists that were on one line are
// broken, since they are only read to be changed.
func gap(breaks int) dst.SpaceType {
	if breaks > 1 {
		return dst.EmptyLine
	}
	return dst.NewLine
}

func breaks(s dst.SpaceType) int {
	switch s {
	case dst.NewLine:
		return 1
	case dst.EmptyLine:
		return 2
	}
	return 0
}

// write puts the lines back into the owner.
func (l *list) write() {
	var stmts []dst.Stmt
	var pending []line // comments for the start of the next statement
	for _, ln := range l.lines {
		if ln.stmt == nil {
			pending = append(pending, ln)
			continue
		}
		d := ln.stmt.Decorations()
		d.Before, d.After = ln.gap, dst.None
		if len(pending) > 0 {
			d.Before = pending[0].gap
		}
		d.Start = join(nil, pending)
		if len(pending) > 0 {
			d.Start = append(d.Start, lineBreaks(d.Start, ln.gap)...)
		}
		d.Start = append(d.Start, ln.pre...)
		d.End = slices.Clone(ln.post)
		if n := len(stmts); n > 0 {
			stmts[n-1].Decorations().After = d.Before
		}
		stmts, pending = append(stmts, ln.stmt), nil
	}
	*body(l.owner) = stmts
	l.close(stmts, pending)
}

// close writes the comments below the last statement and those of the opening,
// where dst would have read them.
func (l *list) close(stmts []dst.Stmt, pending []line) {
	_, block := l.owner.(*dst.BlockStmt)
	open, end := opening(l.owner), &l.owner.Decorations().End
	*open = slices.Clone(l.open)
	switch {
	case len(stmts) > 0 && block:
		last := stmts[len(stmts)-1].Decorations()
		last.End = below(last.End, pending)
		last.After = l.end
	case len(stmts) > 0:
		last := stmts[len(stmts)-1].Decorations()
		*end, last.End = below(last.End, pending), nil
	case block:
		*open = below(l.open, pending)
		if len(pending) > 0 {
			*open = append(*open, lineBreaks(*open, dst.NewLine)...)
		}
	default:
		*end, *open = below(l.open, pending), nil
	}
}

// below appends lines of comments to what stands on the line above them.
func below(above []string, lines []line) dst.Decorations {
	out := slices.Clone(above)
	for _, ln := range lines {
		out = append(out, lineBreaks(out, ln.gap)...)
		out = append(out, ln.pre...)
	}
	return out
}

// join strings lines of comments together; the space above the first one is
// not part of it.
func join(out dst.Decorations, lines []line) dst.Decorations {
	for i, ln := range lines {
		if i > 0 {
			out = append(out, lineBreaks(out, ln.gap)...)
		}
		out = append(out, ln.pre...)
	}
	return out
}

// lineBreaks returns the breaks that make a gap below decs.
func lineBreaks(decs dst.Decorations, gap dst.SpaceType) []string {
	n := max(breaks(gap), 1)
	if len(decs) > 0 && strings.HasPrefix(decs[len(decs)-1], "//") {
		n--
	}
	return slices.Repeat([]string{"\n"}, n)
}
