package repair

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestWriteReplacesOnlyWhatWasAnalysed(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.go")
	if err := os.WriteFile(name, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := Write(t.Context(), File{name, []byte("older"), []byte("new")}); !errors.Is(err, ErrChanged) {
		t.Errorf("writing over a changed file: %v, want %v", err, ErrChanged)
	}
	expect(t, name, "old")
	if err := Write(t.Context(), File{name, []byte("old"), []byte("new")}); err != nil {
		t.Fatal(err)
	}
	expect(t, name, "new")
}

// expect also looks for files that were left behind.
func expect(t *testing.T, name, want string) {
	t.Helper()
	expectAll(t, filepath.Dir(name), map[string]string{filepath.Base(name): want})
}

// expectAll holds that a directory has these files and no others.
func expectAll(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if w, ok := want[e.Name()]; !ok || string(text) != w {
			t.Errorf("%s holds %q, want %q", e.Name(), text, w)
		}
	}
	if len(entries) != len(want) {
		t.Errorf("%d files in the directory, want %d", len(entries), len(want))
	}
}

// three makes a directory of three old files, and what is to become of them.
func three(t *testing.T) (dir string, files []File) {
	t.Helper()
	dir = t.TempDir()
	for _, n := range []string{"a.go", "b.go", "c.go"} {
		f := File{filepath.Join(dir, n), []byte("old " + n), []byte("new " + n)}
		if err := os.WriteFile(f.Name, f.Old, 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return dir, files
}

// state is the directory with the first n files new.
func state(files []File, n int) map[string]string {
	m := make(map[string]string)
	for i, f := range files {
		m[filepath.Base(f.Name)] = string(f.Old)
		if i < n {
			m[filepath.Base(f.Name)] = string(f.Text)
		}
	}
	return m
}

// failAt lets the n-th call of what the disk does fail.
func failAt(t *testing.T, what string, n int, err error) {
	t.Helper()
	saved := disk
	t.Cleanup(func() { disk = saved })
	count := 0
	fails := func() bool { count++; return count == n }
	switch what {
	case "write":
		disk.write = func(f *os.File, b []byte) (int, error) {
			if fails() {
				k, _ := f.Write(b[:len(b)/2])
				return k, &os.PathError{Op: "write", Path: f.Name(), Err: err}
			}
			return f.Write(b)
		}
	case "rename":
		disk.rename = func(old, new string) error {
			if fails() {
				return &os.LinkError{Op: "rename", Old: old, New: new, Err: err}
			}
			return os.Rename(old, new)
		}
	}
}

// TestAFullDiskLeavesEverythingOld holds for each write that can fail, the note
// of what is to be written included.
func TestAFullDiskLeavesEverythingOld(t *testing.T) {
	for n := 1; n <= 4; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			dir, files := three(t)
			failAt(t, "write", n, syscall.ENOSPC)
			err := Write(t.Context(), files...)
			if !errors.Is(err, syscall.ENOSPC) || !strings.HasSuffix(err.Error(), "no space left on device: left as it is") {
				t.Errorf("error %v", err)
			}
			expectAll(t, dir, state(files, 0))
		})
	}
}

// TestAFailedReplacementPutsTheOthersBack holds for each file that can be in the
// way; the first rename is that of the note.
func TestAFailedReplacementPutsTheOthersBack(t *testing.T) {
	for n := 1; n <= 4; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			dir, files := three(t)
			failAt(t, "rename", n, syscall.EPERM)
			if err := Write(t.Context(), files...); !errors.Is(err, syscall.EPERM) {
				t.Errorf("error %v", err)
			}
			expectAll(t, dir, state(files, 0))
		})
	}
}

// killAt ends a write before its n-th rename, as a signal would. What is cleaned
// up on the way out, as a signal would not do, is stood in for by one file.
func killAt(t *testing.T, n int, files []File) {
	t.Helper()
	saved, count, killed := disk, 0, errors.New("killed")
	disk.rename = func(old, new string) error {
		if count++; count == n {
			panic(killed)
		}
		return os.Rename(old, new)
	}
	defer func() {
		disk = saved
		if v := recover(); v != killed {
			t.Fatalf("not killed but %v", v)
		}
		if err := os.WriteFile(filepath.Join(filepath.Dir(files[0].Name), ".c.go.lockfix-123"), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}()
	_ = Write(t.Context(), files...)
}

// TestTheNextRunCompletes holds that after a kill at any rename every file is old
// or new, and that the next run makes them all new, or leaves them all old where
// the killed one had not begun. Nothing of it stays.
func TestTheNextRunCompletes(t *testing.T) {
	for _, test := range []struct{ rename, new, after int }{
		{1, 0, 0}, // the note was not there yet
		{2, 0, 0},
		{3, 1, 3},
		{4, 2, 3},
	} {
		t.Run(fmt.Sprint(test.rename), func(t *testing.T) {
			dir, files := three(t)
			killAt(t, test.rename, files)
			for i, f := range files {
				text, err := os.ReadFile(f.Name)
				if want := state(files, test.new)[filepath.Base(f.Name)]; err != nil || string(text) != want {
					t.Errorf("after the kill file %d is %q, %v; want %q", i, text, err, want)
				}
			}
			if Halfway(dir) != (test.rename > 1) {
				t.Errorf("halfway is %v", Halfway(dir))
			}
			completed, err := Recover(t.Context(), dir)
			if err != nil || len(completed) != test.after-test.new {
				t.Errorf("completed %v, %v", completed, err)
			}
			expectAll(t, dir, state(files, test.after))
		})
	}
}

// TestWhatChangedSinceTheKillIsLeft holds that the next run does not write over
// what somebody wrote after the kill.
func TestWhatChangedSinceTheKillIsLeft(t *testing.T) {
	dir, files := three(t)
	killAt(t, 3, files)
	if err := os.WriteFile(files[2].Name, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Recover(t.Context(), dir)
	if err == nil || !strings.HasSuffix(err.Error(), "c.go: a run of lockfix -w was killed before it was done with this file, which has changed since: left as it is") {
		t.Errorf("error %v", err)
	}
	if _, err := Recover(t.Context(), dir); err != nil {
		t.Errorf("it is said twice: %v", err)
	}
	want := state(files, 1)
	want["c.go"] = "mine"
	expectAll(t, dir, want)
}

// TestAForgedNoteIsNotHeeded holds that a note which came with the source leads
// nowhere else.
func TestAForgedNoteIsNotHeeded(t *testing.T) {
	for _, test := range []struct{ claim, note string }{
		{"another directory", `[{"Name":"../victim.go","Old":"","Text":"aGVsbG8="}]`},
		{"no Go file", `[{"Name":"Makefile","Old":"","Text":"aGVsbG8="}]`},
		{"a link", `[{"Name":"link.go","Old":"","Text":"aGVsbG8="}]`},
		{"no note at all", `hello`},
		{"a file that is not there", `[{"Name":"none.go","Old":"","Text":"aGVsbG8="}]`},
	} {
		t.Run(test.claim, func(t *testing.T) {
			top := t.TempDir()
			dir := filepath.Join(top, "dir")
			victim := filepath.Join(top, "victim.go")
			if err := errors.Join(os.Mkdir(dir, 0o777), os.WriteFile(victim, []byte("victim"), 0o644),
				os.Symlink("../victim.go", filepath.Join(dir, "link.go")),
				os.WriteFile(filepath.Join(dir, JournalName), []byte(test.note), 0o644)); err != nil {
				t.Fatal(err)
			}
			if completed, err := Recover(t.Context(), dir); err == nil || len(completed) > 0 {
				t.Errorf("completed %v, error %v", completed, err)
			}
			if text, err := os.ReadFile(victim); err != nil || string(text) != "victim" {
				t.Errorf("the victim is %q, %v", text, err)
			}
		})
	}
}

// TestOneOfTwoRunsWins holds that of two runs at once each file is as one of them
// left it, and that the other one says so.
func TestOneOfTwoRunsWins(t *testing.T) {
	dir, files := three(t)
	const runs = 8
	errs := make(chan error, runs)
	for i := range runs {
		mine := make([]File, len(files))
		for k, f := range files {
			mine[k] = File{f.Name, f.Old, bytes.Repeat([]byte{byte('0' + i)}, 1<<16)}
		}
		go func() { errs <- Write(context.Background(), mine...) }()
	}
	won := 0
	for range runs {
		err := <-errs
		if err == nil {
			won++
		} else if !errors.Is(err, ErrChanged) {
			t.Errorf("the loser says %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d runs won", won)
	}
	first, err := os.ReadFile(files[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	if len(first) != 1<<16 || !bytes.Equal(first, bytes.Repeat(first[:1], 1<<16)) {
		t.Errorf("the file is torn: %d bytes", len(first))
	}
	expectAll(t, dir, map[string]string{"a.go": string(first), "b.go": string(first), "c.go": string(first)})
}
