package baseline

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTextIsOneLine(t *testing.T) {
	got := Text("blockheld", "(*B).Publish", "send on a\n\tb blocks", "\t\ta <- b\t// c  d\r")
	if want := "blockheld (*B).Publish: send on a b blocks | a <- b // c d"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := Text("ignore", "", "silences nothing", ""); got != "ignore: silences nothing |" {
		t.Errorf("%q", got)
	}
	for _, text := range []string{"blockheld f: x | y", "blockheld: x | y", "blockheld"} {
		if got := (Entry{Text: text}).Rule(); got != "blockheld" {
			t.Errorf("the rule of %q is %q", text, got)
		}
	}
}

// awkward are names that a line could be taken for something else by.
var awkward = []string{"a/b.go", "#1.go", " blank.go", "end .go", "\ttab.go", "new\nline.go", `"quoted".go`, `back\slash.go`, "ä.go", "<<<<<<<.go", "=======.go"}

func TestWhatIsWrittenIsRead(t *testing.T) {
	var entries []Entry
	for i, name := range awkward {
		entries = append(entries, Entry{name, fmt.Sprintf("flag f: %d | x", i)}, Entry{name, "dead f: y | x"}, Entry{name, "dead f: y | x"})
	}
	text := Format(entries)
	back, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := Format(back); string(got) != string(text) || len(back) != len(entries) {
		t.Errorf("%s\nis read as\n%s", text, got)
	}
	slices.Reverse(entries)
	if got := Format(entries); string(got) != string(text) {
		t.Error("the order of the findings shows")
	}
	if crlf, err := Parse([]byte(strings.ReplaceAll(string(text), "\n", "\r\n"))); err != nil || !slices.Equal(crlf, back) {
		t.Errorf("with CRLF: %v", err)
	}
	if none, err := Parse(Format(nil)); err != nil || len(none) > 0 {
		t.Errorf("an empty one: %v %v", none, err)
	}
}

func TestParseSaysWhereItStops(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "1: the file is empty",
		"package p\n":                "1: this is no baseline",
		head + "\n\tflag f: x\n":     "2: a finding stands before the name of its file",
		head + "\n\"a\n\tx\n":        `2: "a is no quoted name of a file`,
		head + "\na\n>>>>>>> main\n": "3: a conflict of two versions",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if got, err := Parse([]byte(head + "\n# a remark\na\n\tx\n\n# another\n\ty\n")); err != nil || len(got) != 2 {
		t.Errorf("with remarks: %v %v", got, err)
	}
}

func TestMatch(t *testing.T) {
	list := func(text string) (out []Entry) {
		for _, field := range strings.Fields(text) {
			file, what, _ := strings.Cut(field, ":")
			out = append(out, Entry{file, what})
		}
		return out
	}
	for _, test := range []struct {
		claim             string
		entries, findings string
		unseen            string // files that were not looked at
		known             string // of each finding
		left              string
	}{
		{"the same", "a:x a:y", "a:y a:x", "", "++", ""},
		{"as many as there are entries, the first ones", "a:x a:x", "a:x a:x a:x", "", "++-", ""},
		{"what is gone is left", "a:x a:x a:y", "a:x", "", "+", "a:x a:y"},
		{"moved to another file", "a:x", "b:x", "", "+", ""},
		{"moved, and copied where it was", "a:x", "a:x b:x", "", "+-", ""},
		{"its own file first", "a:x b:x", "b:x c:x", "", "++", ""},
		{"two moved, one is gone", "a:x b:x", "c:x", "", "+", "b:x"},
		{"not from a file that was not looked at", "a:x", "b:x", "a", "-", ""},
		{"which is not stale", "a:x b:y", "", "a", "", "b:y"},
		{"another text", "a:x", "a:y", "", "-", "a:x"},
	} {
		gone := func(file string) bool { return !slices.Contains(strings.Fields(test.unseen), file) }
		known, left := Match(list(test.entries), list(test.findings), gone)
		signs := ""
		for _, k := range known {
			signs += map[bool]string{true: "+", false: "-"}[k]
		}
		if signs != test.known || !slices.Equal(left, list(test.left)) {
			t.Errorf("%s: %s, left %v", test.claim, signs, left)
		}
	}
}

func TestWriteIsInOneStep(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "known")
	entries := []Entry{{"a", "x"}}
	if err := Write(name, entries); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(name, entries); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(name); err != nil || !os.SameFile(before, after) {
		t.Error("what is so already was written again")
	}
	if back, err := Read(name); err != nil || !slices.Equal(back, entries) {
		t.Errorf("%v %v", back, err)
	}
	if err := Write(dir, entries); err == nil {
		t.Error("a directory was written")
	}
	if list, _ := os.ReadDir(dir); len(list) != 1 {
		t.Errorf("something was left: %v", list)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(string(Format([]Entry{{"a", "flag f: x | y"}, {"#", "z"}})))
	f.Add(head + "\n\"\\x00\"\n\t\n")
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := Parse([]byte(text))
		if err != nil {
			return
		}
		again, err := Parse(Format(entries))
		if err != nil || len(again) != len(entries) {
			t.Errorf("%q is read as %v, and then as %v: %v", text, entries, again, err)
		}
	})
}
