package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
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
				if got, ok := s.Get(key); ok && !bytes.Equal(got, want) {
					t.Errorf("%d: another value", i)
				}
			}
		})
	}
	wait.Wait()
}

// What is damaged is not there, and can be put again.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for i, damage := range []func(name string) error{
		func(name string) error { return os.WriteFile(name, []byte("valuE"), 0o666) },
		func(name string) error { return os.Truncate(name, 2) },
		os.Remove,
	} {
		key := KeyOf(fmt.Sprint(i))
		s.Put(key, []byte("value"))
		if err := damage(s.name(key)); err != nil {
			t.Fatal(err)
		}
		if got, ok := s.Get(key); ok {
			t.Errorf("%d: got %q", i, got)
		}
		s.Put(key, []byte("value"))
		if got, ok := s.Get(key); !ok || string(got) != "value" {
			t.Errorf("%d: put again, got %q, %t", i, got, ok)
		}
	}
}

func TestBound(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for i := range 20 {
		s.Put(KeyOf(fmt.Sprint(i)), bytes.Repeat([]byte{byte(i)}, 10_000))
	}
	files, _ := list(dir)
	for _, f := range files { // 19 was used last
		age := time.Hour
		if data, err := read(f.name); err == nil {
			age = time.Duration(20-data[0]) * time.Hour
		}
		when := time.Now().Add(-age)
		if err := os.Chtimes(f.name, when, when); err != nil {
			t.Fatal(err)
		}
	}
	s.bound(300_000)
	if _, bytes := Stats(dir); bytes < 200_000 {
		t.Errorf("%d bytes are left of a store below its limit", bytes)
	}
	s.bound(100_000)
	if _, bytes := Stats(dir); bytes > 75_000 || bytes < 50_000 {
		t.Errorf("%d bytes are left, want some less than 75,000", bytes)
	}
	if _, ok := s.Get(KeyOf("0")); ok {
		t.Error("what was used first is there")
	}
	if _, ok := s.Get(KeyOf("19")); !ok {
		t.Error("what was used last is gone")
	}
}

// What was not used for days goes, and what a killed run has left; what is read is
// used.
func TestUnused(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for _, text := range []string{"read", "old"} {
		s.Put(KeyOf(text), []byte(text))
	}
	half := strings.TrimSuffix(s.name(KeyOf("old")), whole) + part + "0123"
	if err := os.WriteFile(half, []byte("half"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{s.name(KeyOf("read")), s.name(KeyOf("old")), half} {
		when := time.Now().Add(-unused - 2*usedEvery)
		if err := os.Chtimes(name, when, when); err != nil {
			t.Fatal(err)
		}
	}
	s.Get(KeyOf("read"))
	s.bound(Limit)
	if files, _ := list(dir); len(files) != 1 || files[0].name != s.name(KeyOf("read")) {
		t.Errorf("left are %v", files)
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
	s.Trim()
	if after, err := os.Stat(stamp); err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("it looked again at once: %v", err)
	}
}

// A wrong LOCKFIX_CACHE costs no files.
func TestCleanLeavesOtherFiles(t *testing.T) {
	dir := t.TempDir()
	open(t, dir).Put(KeyOf("a"), []byte("value"))
	var others []string
	for _, name := range []string{"main.go", "00/notes.txt", "00/a-d", "src/aa-d"} {
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
