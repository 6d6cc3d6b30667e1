package protocol

import (
	"encoding/json"
	"runtime"
	"slices"
	"testing"
)

func TestFilesAndURIs(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the rows have no drive letters, and FileOf makes none of a path without one")
	}
	for _, test := range []struct {
		name, uri, file string
		back            string // "": the same URI
	}{
		{"plain", "file:///a/b.go", "/a/b.go", ""},
		{"blanks, signs, characters", "file:///a%20b/%23%25/%E4%B8%96.go", "/a b/#%/世.go", ""},
		{"escapes that need not be", "file:///a%2Bb/%63.go", "/a+b/c.go", "file:///a+b/c.go"},
		{"dots", "file:///a/../b/./c.go", "/b/c.go", "file:///b/c.go"},
		{"an unsaved document", "untitled:Untitled-1", "", "-"},
		{"version control", "git:/a/b.go?HEAD", "", "-"},
		{"nothing", "", "", "-"},
		{"no path", "file:", "", "-"},
		{"no URI", "%zz", "", "-"},
	} {
		if got := FileOf(test.uri); got != test.file {
			t.Errorf("%s: %q is %q, want %q", test.name, test.uri, got, test.file)
		}
		back := test.back
		if back == "" {
			back = test.uri
		}
		if got := URIOf(test.file); back != "-" && got != back {
			t.Errorf("%s: %q has URI %q, want %q", test.name, test.file, got, back)
		}
	}
	if got := FileOf("file:///c%3A/x/y.go"); got != "C:/x/y.go" {
		t.Errorf("a drive: %q", got)
	}
}

func TestKindsThatAreNoList(t *testing.T) {
	for text, want := range map[string]Kinds{`"quickfix"`: {"quickfix"}, `["a","b"]`: {"a", "b"}, `null`: nil, `[]`: {}} {
		var got Kinds
		if err := json.Unmarshal([]byte(text), &got); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
	var bad Kinds
	if err := json.Unmarshal([]byte(`7`), &bad); err == nil {
		t.Error("a number is taken for kinds")
	}
}
