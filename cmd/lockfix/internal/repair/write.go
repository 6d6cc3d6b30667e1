package repair

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// ErrChanged says that a file is no longer what was analysed.
var ErrChanged = errors.New("changed on disk since it was analysed: left as it is")

// A File is a file before and after.
type File struct {
	Name      string
	Old, Text []byte
}

// A WriteError says which file was in the way.
type WriteError struct {
	Name string
	Err  error
}

func (e *WriteError) Error() string { return e.Name + ": " + e.Err.Error() }
func (e *WriteError) Unwrap() error { return e.Err }

// Write replaces files of one package, all or none, in their order, so long as
// each still is what it was. Links are followed; mode and owner are kept.
func Write(ctx context.Context, files ...File) error {
	dir := filepath.Dir(files[0].Name)
	unlock, err := lock(ctx, dir)
	if err != nil {
		return &WriteError{files[0].Name, err}
	}
	defer unlock()
	var staged []*staged
	defer func() {
		for _, s := range staged {
			s.drop()
		}
	}()
	for _, f := range files {
		s, err := stage(f)
		if err == nil && len(files) > 1 && isLink(f.Name) {
			s.drop()
			err = errors.New("a fix ties it to other files, and it is a link: left as it is")
		}
		if err != nil {
			return &WriteError{f.Name, err}
		}
		staged = append(staged, s)
	}
	// The comparison stands last: what happens in between is lost otherwise.
	for _, s := range staged {
		if err := s.compare(); err != nil {
			return &WriteError{s.file.Name, err}
		}
	}
	if len(files) > 1 {
		if err := writeJournal(dir, files); err != nil {
			return &WriteError{files[0].Name, err}
		}
	}
	for i, s := range staged {
		if err := s.replace(); err != nil {
			return errors.Join(&WriteError{s.file.Name, err}, putBack(dir, files[:i]))
		}
	}
	if len(files) > 1 {
		return removeJournal(dir)
	}
	return nil
}

// putBack undoes replacements, the last one first. Where that does not work the
// journal stays, by which a later run goes on.
func putBack(dir string, done []File) error {
	for _, f := range slices.Backward(done) {
		s, err := stage(File{f.Name, f.Text, f.Old})
		if err == nil {
			if err = s.compare(); err == nil {
				err = s.replace()
			}
			s.drop()
		}
		if err != nil {
			return &WriteError{f.Name, fmt.Errorf("putting it back: %w", err)}
		}
	}
	return removeJournal(dir)
}

// A staged file has its new text beside it, under another name.
type staged struct {
	file   File
	target string // behind links
	temp   string // "" once it is in place
}

// disk is what a test may let fail.
var disk = struct {
	write  func(*os.File, []byte) (int, error)
	rename func(old, new string) error
}{(*os.File).Write, os.Rename}

// stage writes the new text of a file to the disk. (renameio does this too, but
// not on Windows, and not for several files.)
func stage(f File) (s *staged, err error) {
	s = &staged{file: f}
	if s.target, err = filepath.EvalSymlinks(f.Name); err != nil {
		return nil, fmt.Errorf("resolving the file to write: %w", reason(err))
	}
	info, err := os.Stat(s.target)
	if err != nil {
		return nil, fmt.Errorf("looking at the file to write: %w", reason(err))
	}
	if info.Mode().Perm()&0o222 == 0 {
		return nil, errors.New("the file is read-only: left as it is")
	}
	temp, err := os.CreateTemp(filepath.Dir(s.target), "."+filepath.Base(s.target)+tempMark+"*")
	if err != nil {
		return nil, fmt.Errorf("making a new file beside it: %w: left as it is", reason(err))
	}
	s.temp = temp.Name()
	if err = fill(temp, f.Text, info); err != nil {
		temp.Close()
		s.drop()
		return nil, fmt.Errorf("writing the new text beside it: %w: left as it is", reason(err))
	}
	return s, nil
}

// fill writes a file with the mode and owner of another, and closes it.
func fill(f *os.File, text []byte, like fs.FileInfo) error {
	if _, err := disk.write(f, text); err != nil {
		return err
	}
	keepOwner(f, like)
	if err := f.Chmod(like.Mode()); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}

// compare reports whether the file still is what it was.
func (s *staged) compare() error {
	now, err := os.ReadFile(s.target)
	if err != nil {
		return fmt.Errorf("reading the file again: %w", reason(err))
	}
	if !bytes.Equal(now, s.file.Old) {
		return ErrChanged
	}
	return nil
}

// replace puts the new text in place, in one step.
func (s *staged) replace() error {
	if err := disk.rename(s.temp, s.target); err != nil {
		return fmt.Errorf("replacing: %w: left as it is", reason(err))
	}
	s.temp = ""
	return nil
}

// drop removes the new text if it did not get in place.
func (s *staged) drop() {
	if s.temp != "" {
		os.Remove(s.temp)
	}
}

// isLink: what is noted of a directory must not lead out of it.
func isLink(name string) bool {
	info, err := os.Lstat(name)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// reason leaves the name out of an error, which is printed before it already.
func reason(err error) error {
	var pe *fs.PathError
	var le *os.LinkError
	switch {
	case errors.As(err, &pe):
		return pe.Err
	case errors.As(err, &le):
		return le.Err
	}
	return err
}
