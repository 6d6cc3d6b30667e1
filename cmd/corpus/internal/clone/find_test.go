package clone_test

import (
	"path/filepath"
	"testing"

	"github.com/lockfix/lockfix/cmd/corpus/internal/clone"
	"github.com/lockfix/lockfix/cmd/corpus/internal/gittest"
)

func TestClonesAreFoundByRemoteThenByDirectory(t *testing.T) {
	dir := t.TempDir()
	gittest.Commit(t, filepath.Join(dir, "plain"), map[string]string{"a": "x"})
	gittest.Commit(t, filepath.Join(dir, "owner", "deep"), map[string]string{"a": "x"})
	gittest.Commit(t, filepath.Join(dir, "odd"), map[string]string{"a": "x", "sub/HEAD": "no clone"})
	gittest.Run(t, filepath.Join(dir, "odd"), "remote", "add", "origin", "https://example.com/some/thing.git")
	gittest.Run(t, dir, "clone", "-q", "--bare", filepath.Join(dir, "plain"), filepath.Join(dir, "bare.git"))

	repos, err := clone.All(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(repos) != 4 {
		t.Fatalf("clones are %+v", repos)
	}
	tests := []struct{ claim, name, dir string }{
		{"by the remote, whatever the directory is called", "some/thing", "odd"},
		{"by owner and name", "owner/deep", "owner/deep"},
		{"by the name alone", "anyone/plain", "plain"},
		{"bare, its suffix aside", "x/bare", "bare.git"},
		{"not by another owner's directory", "other/deep", ""},
		{"not at all", "no/such", ""},
	}
	for _, tt := range tests {
		t.Run(tt.claim, func(t *testing.T) {
			r, ok := clone.Find(repos, tt.name)
			if ok != (tt.dir != "") || ok && r.Dir != filepath.Join(dir, filepath.FromSlash(tt.dir)) {
				t.Errorf("%s is at %q, want %q", tt.name, r.Dir, tt.dir)
			}
		})
	}
}

func TestOnlyARemoteOnAHostNamesARepository(t *testing.T) {
	for url, want := range map[string]string{
		"https://github.com/o/n.git":         "o/n",
		"https://github.com/o/n":             "o/n",
		"ssh://git@host/o/n.git":             "o/n",
		"git@github.com:o/n.git":             "o/n",
		"/srv/mirrors/o/n.git":               "local",
		"../o/n":                             "local",
		"https://host":                       "local",
		"https://host/group/sub/project.git": "sub/project",
	} {
		dir := t.TempDir()
		at := filepath.Join(dir, "local")
		gittest.Commit(t, at, map[string]string{"a": "x"})
		gittest.Run(t, at, "remote", "add", "origin", url)
		repos, err := clone.All(dir)
		if err != nil || len(repos) != 1 || repos[0].Name != want {
			t.Errorf("remote %s gives %+v (%v), want name %s", url, repos, err, want)
		}
	}
}
