package driver

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// What is put aside is read again, from wherever it lies.
func TestAside(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	for _, test := range []struct {
		name    string
		dir     string
		spoil   func(*aside)
		writing bool // whether the last lot lies in the file
	}{
		{name: "a file", writing: true},
		{name: "no place for one", dir: missing},
		{name: "a full disk", spoil: func(a *aside) { // as it looks from here: nothing more can be written
			file, err := os.Open(os.DevNull)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { file.Close() })
			a.file = file
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := test.dir
			if dir == "" {
				dir = t.TempDir()
			}
			t.Setenv("TMPDIR", dir)
			t.Setenv("TMP", dir) // on Windows
			var a aside
			texts := [][]byte{[]byte("one"), nil, bytes.Repeat([]byte("two"), 1000), []byte("three")}
			var lots []lot
			for i, text := range texts {
				if i == len(texts)-1 && test.spoil != nil {
					test.spoil(&a)
				}
				lots = append(lots, a.put(text))
			}
			for i, l := range lots {
				if got, err := l.bytes(); err != nil || !bytes.Equal(got, texts[i]) || l.size != len(texts[i]) {
					t.Errorf("%d: %d bytes, size %d, %v, want %d bytes", i, len(got), l.size, err, len(texts[i]))
				}
			}
			if inFile := lots[3].file != nil; inFile != test.writing && runtime.GOOS != "windows" {
				t.Errorf("the last lies in the file: %t, want %t", inFile, test.writing)
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("a file with a name is left: %s", left[0].Name())
			}
		})
	}
}

// The facts of what was computed are out of memory, and known all the same.
func TestFactsAreAside(t *testing.T) {
	for name, dir := range map[string]string{"aside": t.TempDir(), "in memory": filepath.Join(t.TempDir(), "missing")} {
		t.Run(name, func(t *testing.T) {
			source := unpack(t, modules)
			t.Setenv("TMPDIR", dir)
			t.Setenv("TMP", dir)
			r, s := &recorder{}, NewSession()
			r.run(t, Config{Dir: source, Session: s})
			if !r.facts["example.com/m/p.F"] {
				t.Errorf("known are the facts of %v", r.facts)
			}
			facts := 0
			for key, l := range s.loaded {
				if l.entry == nil || l.entry.facts.size == 0 {
					continue
				}
				facts++
				if inFile := l.entry.facts.file != nil; inFile != (name == "aside") && runtime.GOOS != "windows" {
					t.Errorf("%s: its facts lie in the file: %t", key.pkg, inFile)
				}
				if l.entry.Facts != nil {
					t.Errorf("%s: its facts are in memory too", key.pkg)
				}
			}
			if facts == 0 {
				t.Error("no package has facts")
			}
		})
	}
}
