package repair

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrChanged says that a file is no longer what was analysed.
var ErrChanged = errors.New("changed on disk since it was analysed: left as it is")

// Write replaces a file whose content still is old. Links are followed, the
// mode is kept. (renameio does this too, but not on Windows.)
func Write(name string, old, text []byte) (err error) {
	if name, err = filepath.EvalSymlinks(name); err != nil {
		return fmt.Errorf("resolving the file to write: %w", err)
	}
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("looking at the file to write: %w", err)
	}
	if info.Mode().Perm()&0o222 == 0 {
		return errors.New("the file is read-only: left as it is")
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".lockfix-*")
	if err != nil {
		return fmt.Errorf("making a file to write to: %w", err)
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if _, err = tmp.Write(text); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	if err = tmp.Chmod(info.Mode()); err != nil {
		return fmt.Errorf("setting the mode: %w", err)
	}
	if err = tmp.Sync(); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	if err = tmp.Close(); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	// The comparison stands last: what happens in between is lost otherwise.
	now, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("reading the file again: %w", err)
	}
	if !bytes.Equal(now, old) {
		return ErrChanged
	}
	if err = os.Rename(tmp.Name(), name); err != nil {
		return fmt.Errorf("replacing: %w", err)
	}
	return nil
}
