// Package facts reads and writes the tables that measurements start from: human
// fixes, places that look alike and are fine, verdicts on findings and on edits.
//
// # Facts, not code
//
// A table holds names of repositories, commits, files, lines and verdicts: what
// anyone can look up in a public history. It never holds code of those
// repositories, so that a table can be committed whatever their licences say.
//
// A table is tab-separated with a header line, and columns are found by name: a
// table may have more columns than are asked for, in any order, so that
// tables that people extend for themselves stay readable.
package facts

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
)

// A Row is one line of a table, by column name. A column that the table does
// not have is empty.
type Row map[string]string

// A Table is a header and its rows, in the order of the file.
type Table struct {
	Columns []string
	Rows    []Row
}

// Read reads a table from a file; the required columns must be there.
func Read(name string, required ...string) (Table, error) {
	f, err := os.Open(name)
	if err != nil {
		return Table{}, fmt.Errorf("read table: %w", err)
	}
	defer f.Close()
	t, err := Parse(f, required...)
	if err != nil {
		return Table{}, fmt.Errorf("read table %s: %w", name, err)
	}
	return t, nil
}

// Parse reads a table. Blank lines and lines that start with # are skipped.
func Parse(r io.Reader, required ...string) (Table, error) {
	var t Table
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSuffix(lines.Text(), "\r")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line, "\t")
		if t.Columns == nil {
			t.Columns = cells
			continue
		}
		if len(cells) != len(t.Columns) {
			return Table{}, fmt.Errorf("line %d has %d columns, the header has %d", n, len(cells), len(t.Columns))
		}
		row := make(Row, len(cells))
		for i, c := range t.Columns {
			row[c] = strings.TrimSpace(cells[i])
		}
		t.Rows = append(t.Rows, row)
	}
	if err := lines.Err(); err != nil {
		return Table{}, err
	}
	return t, t.has(required)
}

func (t Table) has(required []string) error {
	have := make(map[string]bool, len(t.Columns))
	for _, c := range t.Columns {
		have[c] = true
	}
	for _, c := range required {
		if !have[c] {
			return fmt.Errorf("no column %q", c)
		}
	}
	return nil
}

// cleaner takes out what would break a table's lines and columns.
var cleaner = strings.NewReplacer("\t", " ", "\r", " ", "\n", " ")

// Write writes a table with a header line.
func Write(w io.Writer, t Table) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, strings.Join(t.Columns, "\t"))
	for _, row := range t.Rows {
		cells := make([]string, len(t.Columns))
		for i, c := range t.Columns {
			cells[i] = cleaner.Replace(row[c])
		}
		fmt.Fprintln(out, strings.Join(cells, "\t"))
	}
	return out.Flush()
}
