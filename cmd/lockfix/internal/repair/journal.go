package repair

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// JournalName is the file in which a run notes, before it replaces the first of
// several files that belong together, what all of them become. The go command
// does not look at it.
const JournalName = ".lockfix-journal"

// maxJournal bounds what is read of a file that anybody may have put there.
const maxJournal = 64 << 20

// tempMark is in the name of each new text that is not in place yet.
const tempMark = ".lockfix-"

var tempName = regexp.MustCompile(`^\..+\.go\.lockfix-[0-9]+$`)

// An entry of a journal is one file of its directory.
type entry struct {
	Name string // without a directory
	Old  []byte // SHA-256 of what it was
	Text []byte // what it becomes
}

func writeJournal(dir string, files []File) error {
	var entries []entry
	for _, f := range files {
		sum := sha256.Sum256(f.Old)
		entries = append(entries, entry{filepath.Base(f.Name), sum[:], f.Text})
	}
	text, err := json.Marshal(entries)
	if err != nil {
		return fmt.Errorf("noting what is to be written: %w", err)
	}
	temp, err := os.CreateTemp(dir, ".journal.go"+tempMark+"*")
	if err != nil {
		return fmt.Errorf("noting what is to be written: %w: left as it is", reason(err))
	}
	_, err = disk.write(temp, text)
	err = errors.Join(err, temp.Sync(), temp.Close())
	if err == nil {
		err = disk.rename(temp.Name(), filepath.Join(dir, JournalName))
	}
	if err != nil {
		os.Remove(temp.Name())
		return fmt.Errorf("noting what is to be written: %w: left as it is", reason(err))
	}
	return nil
}

func removeJournal(dir string) error {
	name := filepath.Join(dir, JournalName)
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &WriteError{name, fmt.Errorf("removing the note of what is written: %w", reason(err))}
	}
	return nil
}

// Halfway reports whether a run that was killed left a directory with some of
// several files replaced that belong together.
func Halfway(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, JournalName))
	return err == nil
}

// Recover completes in a directory what a run that was killed left half done,
// and removes the new texts that did not get in place. It returns the files that
// it wrote. A directory in which another run is writing is left to that.
//
// The note that it goes by may come from anybody, with the source. So it is
// heeded for Go files of the directory itself only, not for links, and for what
// is exactly the text that it speaks of.
func Recover(ctx context.Context, dir string) (completed []string, err error) {
	if !hasLeftovers(dir) {
		return nil, nil
	}
	unlock, err := lock(ctx, dir)
	if err != nil {
		return nil, &WriteError{dir, err}
	}
	defer unlock()
	if Halfway(dir) {
		if completed, err = finish(dir); err != nil {
			return completed, err
		}
	}
	return completed, sweep(dir)
}

func hasLeftovers(dir string) bool {
	entries, _ := os.ReadDir(dir) // what cannot be read is reported by who loads it
	for _, e := range entries {
		if e.Name() == JournalName || tempName.MatchString(e.Name()) {
			return true
		}
	}
	return false
}

// finish does what the journal says. When somebody has changed one of the files
// since, they know of it, and none is written: only the note goes.
func finish(dir string) ([]string, error) {
	entries, err := readJournal(dir)
	if err != nil {
		return nil, &WriteError{filepath.Join(dir, JournalName), err}
	}
	var open []File
	begun := false
	for _, e := range entries {
		f := File{Name: filepath.Join(dir, e.Name), Text: e.Text}
		if f.Old, err = readRegular(f.Name); err != nil {
			return nil, &WriteError{f.Name, fmt.Errorf("completing a run that was killed: %w", err)}
		}
		sum := sha256.Sum256(f.Old)
		switch {
		case bytes.Equal(f.Old, f.Text):
			begun = true
		case bytes.Equal(sum[:], e.Old):
			open = append(open, f)
		default:
			return nil, errors.Join(&WriteError{f.Name, errors.New("a run of lockfix -w was killed before it was done with this file, which has changed since: left as it is")}, removeJournal(dir))
		}
	}
	var done []string
	if begun { // otherwise nothing happened, and the new run decides anew
		for _, f := range open {
			s, err := stage(f)
			if err == nil {
				err = s.replace()
				s.drop()
			}
			if err != nil {
				return done, &WriteError{f.Name, err}
			}
			done = append(done, f.Name)
		}
	}
	return done, removeJournal(dir)
}

func readJournal(dir string) ([]entry, error) {
	name := filepath.Join(dir, JournalName)
	info, err := os.Lstat(name)
	if err != nil {
		return nil, reason(err)
	}
	if info.Size() > maxJournal {
		return nil, errors.New("this is no note of lockfix: remove it")
	}
	text, err := readRegular(name)
	if err != nil {
		return nil, err
	}
	var entries []entry
	if err := json.Unmarshal(text, &entries); err != nil {
		return nil, fmt.Errorf("this is no note of lockfix: remove it (%w)", err)
	}
	for _, e := range entries {
		if e.Name != filepath.Base(e.Name) || !strings.HasSuffix(e.Name, ".go") {
			return nil, fmt.Errorf("this is no note of lockfix: remove it (it speaks of %q)", e.Name)
		}
	}
	return entries, nil
}

func readRegular(name string) ([]byte, error) {
	info, err := os.Lstat(name)
	switch {
	case err != nil:
		return nil, reason(err)
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no regular file")
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, reason(err)
	}
	return text, nil
}

// sweep removes the new texts of runs that were killed. The lock is held: no run
// that is alive has one here.
func sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if !tempName.MatchString(e.Name()) || !e.Type().IsRegular() {
			continue
		}
		name := filepath.Join(dir, e.Name())
		if err := os.Remove(name); err != nil {
			return &WriteError{name, fmt.Errorf("removing what a killed run left: %w", reason(err))}
		}
	}
	return nil
}
