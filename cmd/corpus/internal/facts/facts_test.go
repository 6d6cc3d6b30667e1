package facts

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestColumnsAreFoundByNameAndMalformedTablesAreRefused(t *testing.T) {
	tests := []struct {
		claim, text string
		required    []string
		want        []Row
		err         string
	}{
		{"order and extra columns do not matter", "b\tx\ta\n2\t9\t1\n", []string{"a", "b"}, []Row{{"a": "1", "b": "2", "x": "9"}}, ""},
		{"blank lines, remarks and CR are skipped", "# about\r\na\tb\r\n\r\n1\t2\r\n", nil, []Row{{"a": "1", "b": "2"}}, ""},
		{"a missing column is named", "a\n1\n", []string{"b"}, nil, `no column "b"`},
		{"a short line is named", "a\tb\n1\t2\n3\n", nil, nil, "line 3 has 1 columns, the header has 2"},
	}
	for _, tt := range tests {
		t.Run(tt.claim, func(t *testing.T) {
			got, err := Parse(strings.NewReader(tt.text), tt.required...)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error is %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(got.Rows, tt.want) {
				t.Errorf("rows are %v (%v), want %v", got.Rows, err, tt.want)
			}
		})
	}
}

func TestWhatIsWrittenReadsBackWithoutBreakingLines(t *testing.T) {
	in := Table{Columns: []string{"a", "b"}, Rows: []Row{{"a": "one\ttab", "b": "two\nlines"}, {"a": "x"}}}
	var buf bytes.Buffer
	if err := Write(&buf, in); err != nil {
		t.Fatal(err)
	}
	out, err := Parse(&buf)
	if err != nil {
		t.Fatal(err)
	}
	want := []Row{{"a": "one tab", "b": "two lines"}, {"a": "x", "b": ""}}
	if !reflect.DeepEqual(out.Rows, want) {
		t.Errorf("rows are %v, want %v", out.Rows, want)
	}
}

func TestLineRanges(t *testing.T) {
	for _, bad := range []string{"", "x", "7-", "9-7", "0", "-3"} {
		if r, err := ParseRange(bad); err == nil {
			t.Errorf("%q is read as %v", bad, r)
		}
	}
	r, err := ParseRange("10-12")
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[int]bool{8: false, 9: true, 10: true, 12: true, 13: true, 14: false} {
		if r.Near(line) != want {
			t.Errorf("line %d near 10-12 is %v", line, !want)
		}
	}
	for line, want := range map[int]int{5: 5, 10: 0, 11: 0, 12: 0, 15: 3} {
		if got := r.Distance(line); got != want {
			t.Errorf("distance of line %d to 10-12 is %d, want %d", line, got, want)
		}
	}
}

func file(t *testing.T, lines ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "table.tsv")
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

const fixHeader = "id\trepo\tfix_commit\tparent_commit\tfile\tfunction\tline_range_in_parent\tshape\tintraprocedural\thuman_fix\tauto_rewrite"

func TestFixesKeepTheAskedShapesInOrder(t *testing.T) {
	name := file(t, fixHeader,
		"W1-1\to/n\tf\tp\ta.go\tT.M\t3-5\tW1\tyes\tcopy\tsafe",
		"U1-1\to/n\tf\tp\ta.go\tT.M\t3\tU1\tyes\tadd\tsafe",
		"S1-1\to/n\tf\tp\ta.go\tT.M\t9\tS1\tcall depth 2\tmove\tno")
	got, err := Fixes(name, []string{"S1", "W1"})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].ID != "W1-1" || got[1].ID != "S1-1" {
		t.Fatalf("fixes are %+v", got)
	}
	if !got[0].Intra || got[1].Intra || !got[0].Fixable() || got[1].Fixable() {
		t.Errorf("depth or expectation misread: %+v", got)
	}
	if all, _ := Fixes(name, nil); len(all) != 3 {
		t.Errorf("without shapes %d of 3 rows are read", len(all))
	}
}

func TestRowsThatCannotBeMeantAreErrorsThatNameTheRow(t *testing.T) {
	tests := map[string]func() error{
		"W1-1": func() error {
			_, err := Fixes(file(t, fixHeader, "W1-1\to/n\tf\tp\ta.go\tf\tsoon\tW1\tyes\tcopy\tsafe"), nil)
			return err
		},
		"N1": func() error {
			_, err := Negatives(file(t, "id\trepo\thead_commit\tfile\tline\tfunction\tkind\treason_not_a_bug\texpected_tool_behaviour",
				"N1\to/n\tc\ta.go\t3\tf\tk\tr\twhatever"))
			return err
		},
		"J1": func() error {
			_, err := Judgements(file(t, "id\tverdict\treason", "J1\tperhaps\tr"))
			return err
		},
		"J2": func() error {
			_, err := Judgements(file(t, "id\tverdict\treason", "J2\tyes\tr", "J2\tno\tr"))
			return err
		},
		"a.go:3": func() error {
			_, _, err := Verdicts(file(t, "repository\tcommit\tfile\tline\trule\tverdict\treason", "o/n\tc\ta.go\t3\tr\tgood\tx"))
			return err
		},
	}
	for row, read := range tests {
		if err := read(); err == nil || !strings.Contains(err.Error(), row) {
			t.Errorf("error is %v, want one that names %s", err, row)
		}
	}
}

func TestUnjudgedFindingsAreCountedNotScored(t *testing.T) {
	judged, open, err := Verdicts(file(t, "repository\tcommit\tfile\tline\trule\tverdict\treason",
		"o/n\tc\ta.go\t3\twakeloop\ttrue\tx", "o/n\tc\ta.go\t4\twakeloop\t\t"))
	if err != nil || len(judged) != 1 || open != 1 {
		t.Errorf("judged %v, open %d, error %v", judged, open, err)
	}
}

func TestWithoutAFileNothingIsJudged(t *testing.T) {
	if got, err := Judgements(""); err != nil || len(got) != 0 {
		t.Errorf("judgements are %v, error %v", got, err)
	}
}
