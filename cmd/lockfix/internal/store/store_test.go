package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhatWasPutIsThere(t *testing.T) {
	dir := t.TempDir()
	for _, s := range []*Store{open(t, dir), Memory()} {
		key := KeyOf("a", "b")
		if _, ok := s.Get(key); ok {
			t.Error("there is something before it was put")
		}
		s.Put(key, []byte("value"))
		if got, ok := s.Get(key); !ok || string(got) != "value" {
			t.Errorf("got %q, %t", got, ok)
		}
		if _, ok := s.Get(KeyOf("ab")); ok {
			t.Error("parts run together in a key")
		}
		s.Flush()
		if got, ok := s.Get(key); !ok || string(got) != "value" {
			t.Errorf("in the end, got %q, %t", got, ok)
		}
	}
	if got, ok := open(t, dir).Get(KeyOf("a", "b")); !ok || string(got) != "value" {
		t.Errorf("a later run got %q, %t", got, ok)
	}
	new(Store).Put(KeyOf("x"), nil)
}

func TestSeveralRunsAtOnce(t *testing.T) {
	dir := t.TempDir()
	var wait sync.WaitGroup
	for range 4 {
		s := open(t, dir)
		wait.Go(func() {
			for i := range 100 {
				key, want := KeyOf(fmt.Sprint(i)), bytes.Repeat([]byte{byte(i)}, 1000)
				s.Put(key, want)
				if got, ok := s.Get(key); !ok || !bytes.Equal(got, want) {
					t.Errorf("%d: got %d bytes, %t", i, len(got), ok)
				}
				if i%3 == 0 {
					s.Flush()
				}
			}
		})
	}
	wait.Wait()
}

// files lists what lies in a store, the newest pack first.
func files(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, packs, "*"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(names)
	return names
}

// age makes a pack as old as it would be after some time.
func age(t *testing.T, name string, by time.Duration) {
	t.Helper()
	made := packAt(name).made.Add(-by)
	_, rest, _ := strings.Cut(filepath.Base(name), "-")
	if err := os.Rename(name, filepath.Join(filepath.Dir(name), fmt.Sprintf("%016x-%s", made.UnixNano(), rest))); err != nil {
		t.Fatal(err)
	}
}

// put puts values as one run.
func put(t *testing.T, dir string, values map[string][]byte) {
	t.Helper()
	s := open(t, dir)
	for text, data := range values {
		s.Put(KeyOf(text), data)
	}
	s.Flush()
}

// What is damaged is not there, and can be put again, by the process that found it out
// and by others.
func TestDamage(t *testing.T) {
	for name, damage := range map[string]func(text []byte) []byte{
		"value":    func(text []byte) []byte { text[0] ^= 1; return text },
		"index":    func(text []byte) []byte { text[len("value")] ^= 1; return text },
		"begin":    func(text []byte) []byte { text[len(text)-tailSize] ^= 1; return text },
		"far away": func(text []byte) []byte { text[len(text)-tailSize+7] ^= 0x80; return text },
		"hash":     func(text []byte) []byte { text[len(text)-len(mark)-1] ^= 1; return text },
		"mark":     func(text []byte) []byte { text[len(text)-1] ^= 1; return text },
		"cut off":  func(text []byte) []byte { return text[:len(text)-1] },
		"short":    func(text []byte) []byte { return text[:tailSize-1] },
		"empty":    func(text []byte) []byte { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			dir, key := t.TempDir(), KeyOf("a")
			put(t, dir, map[string][]byte{"a": []byte("value")})
			pack := files(t, dir)[0]
			text, err := os.ReadFile(pack)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(pack, damage(text), 0o666); err != nil {
				t.Fatal(err)
			}
			s := open(t, dir)
			if got, ok := s.Get(key); ok {
				t.Errorf("got %q", got)
			}
			s.Put(key, []byte("value"))
			for range 2 {
				if got, ok := s.Get(key); !ok || string(got) != "value" {
					t.Errorf("put again, got %q, %t", got, ok)
				}
				s.Flush()
			}
			if got, ok := open(t, dir).Get(key); !ok || string(got) != "value" {
				t.Errorf("a later run got %q, %t", got, ok)
			}
		})
	}
}

// The value that was put last counts, wherever the others lie.
func TestTheLastValueCounts(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 * many {
		s := open(t, dir)
		for j := range 2 {
			want := fmt.Sprint(i, j)
			s.Put(KeyOf("a"), []byte(want))
			if got, ok := s.Get(KeyOf("a")); !ok || string(got) != want {
				t.Fatalf("got %q, %t, want %s", got, ok, want)
			}
		}
		s.Get(KeyOf("not there")) // so that it knows the others
		s.Flush()
		if got, ok := open(t, dir).Get(KeyOf("a")); !ok || string(got) != fmt.Sprint(i, 1) {
			t.Fatalf("a later run got %q, %t, want %d 1", got, ok, i)
		}
	}
}

// It counts also when the clock was put back.
func TestTheClockIsPutBack(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string][]byte{"a": []byte("old")})
	age(t, files(t, dir)[0], -time.Hour)
	for _, want := range []string{"new", "newer"} {
		s := open(t, dir)
		if _, ok := s.Get(KeyOf("a")); !ok {
			t.Fatal("the value is not there")
		}
		s.Put(KeyOf("a"), []byte(want))
		s.Flush()
		if got, ok := open(t, dir).Get(KeyOf("a")); !ok || string(got) != want {
			t.Errorf("got %q, %t, want %s", got, ok, want)
		}
	}
}

// A process sees what another one puts, when that one is done or has put much.
func TestOthersSeeWhatIsPut(t *testing.T) {
	dir := t.TempDir()
	one, other := open(t, dir), open(t, dir)
	one.Put(KeyOf("a"), []byte("value"))
	if _, ok := other.Get(KeyOf("a")); ok {
		t.Error("it is there before the pack is whole")
	}
	one.Flush()
	if got, ok := other.Get(KeyOf("a")); !ok || string(got) != "value" {
		t.Errorf("got %q, %t", got, ok)
	}
	one.Put(KeyOf("b"), make([]byte, full))
	if _, ok := other.Get(KeyOf("b")); !ok {
		t.Error("much that was put is not there before the end")
	}
}

// Small packs of one day become one; nothing is lost, not even for a process that has
// them open.
func TestManySmallPacksBecomeOne(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string][]byte{"large": make([]byte, small)})
	put(t, dir, map[string][]byte{"yesterday": []byte("yesterday")})
	age(t, files(t, dir)[0], moveEvery)
	reader := open(t, dir)
	if _, ok := reader.Get(KeyOf("large")); !ok {
		t.Fatal("the large value is not there")
	}
	for i := range many {
		put(t, dir, map[string][]byte{fmt.Sprint(i): []byte(fmt.Sprint(i))})
		reader.Get(KeyOf(fmt.Sprint(i)))
	}
	if n := len(files(t, dir)); n != many+2 {
		t.Fatalf("%d packs before they are joined", n)
	}
	s := open(t, dir)
	s.Get(KeyOf("not there"))
	s.Put(KeyOf("last"), []byte("last"))
	s.Flush()
	if left := files(t, dir); len(left) != 3 {
		t.Errorf("left are %q", left)
	}
	for _, s := range []*Store{s, reader, open(t, dir)} {
		for i := range many {
			if got, ok := s.Get(KeyOf(fmt.Sprint(i))); !ok || string(got) != fmt.Sprint(i) {
				t.Errorf("%d: got %q, %t", i, got, ok)
			}
		}
		for _, text := range []string{"large", "yesterday", "last"} {
			if _, ok := s.Get(KeyOf(text)); !ok {
				t.Errorf("%s is not there", text)
			}
		}
	}
}

// Above the limit the oldest goes.
func TestBound(t *testing.T) {
	dir := t.TempDir()
	for i := range 20 {
		put(t, dir, map[string][]byte{fmt.Sprint(i): bytes.Repeat([]byte{byte(i)}, 10_000)})
		age(t, files(t, dir)[0], time.Duration(20-i)*time.Hour)
	}
	bound(dir, 300_000)
	if _, bytes := Stats(dir); bytes < 200_000 {
		t.Errorf("%d bytes are left of a store below its limit", bytes)
	}
	bound(dir, 100_000)
	if _, bytes := Stats(dir); bytes > 75_000 || bytes < 50_000 {
		t.Errorf("%d bytes are left, want some less than 75,000", bytes)
	}
	s := open(t, dir)
	if _, ok := s.Get(KeyOf("0")); ok {
		t.Error("what was put first is there")
	}
	if _, ok := s.Get(KeyOf("19")); !ok {
		t.Error("what was put last is gone")
	}
}

// What was not used for days goes, and what a killed run and earlier versions have
// left; what is read once a day stays.
func TestUnused(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string][]byte{"read": []byte("read"), "old": []byte("old")})
	hash, when := fmt.Sprintf("%x", KeyOf("old")), time.Now().Add(-unused-2*moveEvery)
	others := []string{filepath.Join(dir, packs, fmt.Sprintf("%016x-0%s", when.UnixNano(), part)), filepath.Join(dir, hash[:2], hash+"-v")}
	for _, name := range others {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("half"), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, when, when); err != nil {
			t.Fatal(err)
		}
	}
	for range unused/moveEvery + 2 {
		for _, name := range files(t, dir) {
			if strings.HasSuffix(name, whole) {
				age(t, name, moveEvery)
			}
		}
		s := open(t, dir)
		if got, ok := s.Get(KeyOf("read")); !ok || string(got) != "read" {
			t.Fatalf("got %q, %t", got, ok)
		}
		s.Flush()
		bound(dir, Limit)
	}
	if _, ok := open(t, dir).Get(KeyOf("old")); ok {
		t.Error("what was not used is there")
	}
	for _, name := range others {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%s is there", name)
		}
	}
}

func TestTrimLooksOnceAnHour(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	stamp := filepath.Join(dir, "bounded.txt")
	s.Trim()
	if _, err := os.Stat(stamp); err == nil {
		t.Error("a run that put nothing looked")
	}
	s.Put(KeyOf("a"), nil)
	s.Trim()
	before, err := os.Stat(stamp)
	if err != nil {
		t.Fatal(err)
	}
	s.Put(KeyOf("b"), nil)
	s.Trim()
	if after, err := os.Stat(stamp); err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("it looked again at once: %v", err)
	}
}

// A store that cannot be written keeps nothing, and says nothing.
func TestACacheThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	s.Put(KeyOf("a"), []byte("value"))
	if got, ok := s.Get(KeyOf("a")); ok {
		t.Errorf("got %q", got)
	}
	s.Trim()
}

// The directory may go while it is used.
func TestTheDirectoryIsRemoved(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	s.Put(KeyOf("a"), []byte("value"))
	if err := os.RemoveAll(filepath.Join(dir, packs)); err != nil {
		t.Fatal(err)
	}
	s.Flush()
	s.Get(KeyOf("a"))
	s.Put(KeyOf("b"), []byte("value"))
	s.Flush()
	if got, ok := open(t, dir).Get(KeyOf("b")); !ok || string(got) != "value" {
		t.Errorf("got %q, %t", got, ok)
	}
}

// A wrong LOCKFIX_CACHE costs no files.
func TestCleanLeavesOtherFiles(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string][]byte{"a": []byte("value")})
	var others []string
	for _, name := range []string{"main.go", "00/notes.txt", "00/a-d", "src/aa-d", "packs/notes.txt", "packs/12-3.pack"} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("mine"), 0o666); err != nil {
			t.Fatal(err)
		}
		others = append(others, name)
	}
	if bytes, err := Clean(dir); err != nil || bytes == 0 {
		t.Errorf("cleaned %d bytes, %v", bytes, err)
	}
	if files, _ := Stats(dir); files != 0 {
		t.Errorf("%d values are left", files)
	}
	for _, name := range others {
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
	}
}

func TestDir(t *testing.T) {
	t.Setenv(Variable, "")
	t.Setenv("XDG_CACHE_HOME", "/somewhere")
	t.Setenv("HOME", "/home/me")
	if dir, err := Dir(); err != nil || filepath.Base(dir) != "lockfix" {
		t.Errorf("%s, %v", dir, err)
	}
	t.Setenv(Variable, "here")
	if dir, err := Dir(); err == nil {
		t.Errorf("a relative name is taken: %s", dir)
	}
}
