package driver

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// symlink makes a link. On Windows that takes a privilege which most users do not have:
// there, and nowhere else, the test cannot be had without it.
func symlink(t *testing.T, target, link string) {
	t.Helper()
	if err := os.Symlink(target, link); err != nil {
		if runtime.GOOS == "windows" {
			t.Skip("a link takes a privilege here: ", err)
		}
		t.Fatal(err)
	}
}

// TestLinksAreThoseOfTheSystem: directories resolved by their parents are where the
// system says that they are.
func TestLinksAreThoseOfTheSystem(t *testing.T) {
	top := t.TempDir()
	for _, file := range []string{"real/a.go", "real/sub/b.go", "other/c.go"} {
		file = filepath.Join(top, file)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		"linked": "real", "real/up": "..", "real/sub/over": filepath.Join("..", "..", "other"),
		"real/d.go": filepath.Join("..", "other", "c.go"), "gone": "nowhere", "real/round": "round",
	} {
		symlink(t, target, filepath.Join(top, link))
	}
	l := new(links)
	for _, file := range []string{
		"real/a.go", "linked/a.go", "linked/sub/b.go", "linked/sub/over/c.go", "real/up/linked/up/real/a.go", "linked/d.go",
		"real/sub/over", "linked", "gone", "gone/x.go", "real/round/x.go", "real/none.go", "none/none.go", "linked/../real/a.go", ".",
	} {
		file = filepath.Join(top, file)
		for range 2 {
			if got, want := l.canonical(file), canonical(file); got != want {
				t.Errorf("%s: %s, want %s", file, got, want)
			}
		}
	}
	if got, want := l.canonical(string(filepath.Separator)), canonical(string(filepath.Separator)); got != want {
		t.Errorf("the root: %s, want %s", got, want)
	}
}
