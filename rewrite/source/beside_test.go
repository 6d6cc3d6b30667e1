package source

import (
	"go/token"
	"os"
	"path/filepath"
	"testing"
)

// TestBeside holds that a file which belongs to the package and was not given
// counts, and no other.
func TestBeside(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"p.go":          "package p\n\nfunc given() {}\n",
		"p_test.go":     "package p\n\nfunc TestP() { tested() }\n",
		"p_plan9.go":    "package p\n\nfunc other() { elsewhere.field() }\n",
		"x_test.go":     "package p_test\n\nfunc TestX() { outside() }\n",
		"note.txt":      "unheard",
		"broken_test.g": "package",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(dir, "p.go")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	p := Check(token.NewFileSet(), Config{Path: "p", Bodies: true}, []Input{{Name: name, Content: text}})
	for ident, want := range map[string]string{"given": "", "tested": "p_test.go", "field": "p_plan9.go", "outside": "", "unheard": ""} {
		if got := p.Beside(ident); got != want {
			t.Errorf("%s is in %q, want %q", ident, got, want)
		}
	}
	open := Config{Path: "p", Bodies: true, Overlay: map[string][]byte{
		filepath.Join(dir, "p_test.go"):          []byte("package p\n\nfunc TestP() { unsaved() }\n"),
		filepath.Join(dir, "q_test.go"):          []byte("package p\n\nfunc TestQ() { new() }\n"),
		filepath.Join(dir, "sub", "sub_test.go"): []byte("package p\n\nfunc TestQ() { elsewhere() }\n"),
	}}
	p = Check(token.NewFileSet(), open, []Input{{Name: name, Content: text}}).With(map[string][]byte{name: []byte("package p\n")})
	for ident, want := range map[string]string{"tested": "", "unsaved": "p_test.go", "new": "q_test.go", "elsewhere": "p_plan9.go"} {
		if got := p.Beside(ident); got != want {
			t.Errorf("with an editor open %s is in %q, want %q", ident, got, want)
		}
	}
	nowhere := Check(token.NewFileSet(), Config{Path: "p"}, []Input{{Name: "/nowhere/at/all/p.go", Content: text}})
	if got := nowhere.Beside("tested"); got != "" {
		t.Errorf("a directory that is not there has %q", got)
	}
}
