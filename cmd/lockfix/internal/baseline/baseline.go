package baseline

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An Entry is one finding that is known.
type Entry struct {
	File string // relative to the baseline, with slashes
	Text string // what it says, in one line
}

// Text words a finding so that it is known again.
func Text(rule, function, message, code string) string {
	text := rule
	if function != "" {
		text += " " + function
	}
	return strings.Join(strings.Fields(text+": "+message+" | "+code), " ")
}

// Rule is the rule of an entry.
func (e Entry) Rule() string { return e.Text[:strings.IndexAny(e.Text+":", " :")] }

const (
	head    = "# lockfix baseline, version 1"
	remarks = head + `
# Findings that are known, and not reported with --baseline. A finding is known by
# its words and its code, not by its line. lockfix --write-baseline writes this file.
`
)

// Format writes entries in their order.
func Format(entries []Entry) []byte {
	entries = slices.Clone(entries)
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(a.Text, b.Text))
	})
	var out bytes.Buffer
	out.WriteString(remarks)
	last := ""
	for _, e := range entries {
		if e.File != last {
			fmt.Fprintf(&out, "\n%s\n", quoted(e.File))
			last = e.File
		}
		fmt.Fprintf(&out, "\t%s\n", e.Text)
	}
	return out.Bytes()
}

// quoted quotes the name of a file that would be read as something else.
func quoted(name string) string {
	if q := strconv.Quote(name); q != `"`+name+`"` || strings.IndexAny(name, "#<=>") == 0 || strings.TrimSpace(name) != name {
		return q
	}
	return name
}

// Parse reads what Format wrote. Its errors begin with the number of a line.
func Parse(text []byte) ([]Entry, error) {
	var entries []Entry
	file, number := "", 0
	for line := range strings.Lines(string(text)) {
		number++
		line = strings.TrimRight(line, "\r\n")
		switch {
		case number == 1 && line != head:
			return nil, fmt.Errorf("1: this is no baseline, which begins with %q: name another file, or write it with --write-baseline", head)
		case strings.HasPrefix(line, "#"), strings.TrimSpace(line) == "":
		case strings.HasPrefix(line, "<<<<<<<"), strings.HasPrefix(line, "======="), strings.HasPrefix(line, ">>>>>>>"):
			return nil, fmt.Errorf("%d: a conflict of two versions: keep both sides, and let --write-baseline drop what is stale", number)
		case line[0] != '\t':
			if file = line; line[0] == '"' {
				var err error
				if file, err = strconv.Unquote(line); err != nil {
					return nil, fmt.Errorf("%d: %s is no quoted name of a file", number, line)
				}
			}
		case file == "":
			return nil, fmt.Errorf("%d: a finding stands before the name of its file", number)
		default:
			entries = append(entries, Entry{file, strings.TrimPrefix(line, "\t")})
		}
	}
	if number == 0 {
		return nil, fmt.Errorf("1: the file is empty: write it with --write-baseline")
	}
	return entries, nil
}

// Match says which of the findings are known, in their order, and which entries are of
// no finding. Gone says of a file whether all that is to be found in it is among the
// findings, because it was looked at or is not there any more.
func Match(entries, findings []Entry, gone func(file string) bool) (known []bool, left []Entry) {
	known = make([]bool, len(findings))
	count := make(map[Entry]int)
	for _, e := range entries {
		count[e]++
	}
	for i, f := range findings {
		if count[f] > 0 {
			count[f]--
			known[i] = true
		}
	}
	moved := make(map[string][]Entry) // by text, in the order of the entries
	for _, e := range entries {
		if count[e] > 0 && gone(e.File) {
			count[e]--
			moved[e.Text] = append(moved[e.Text], e)
		}
	}
	for i, f := range findings {
		if list := moved[f.Text]; !known[i] && len(list) > 0 {
			moved[f.Text] = list[1:]
			known[i] = true
		}
	}
	for _, e := range entries {
		if list := moved[e.Text]; len(list) > 0 && list[0] == e {
			moved[e.Text] = list[1:]
			left = append(left, e)
		}
	}
	return known, left
}
