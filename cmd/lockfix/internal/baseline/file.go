package baseline

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Read reads a file.
func Read(name string) ([]Entry, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the baseline: %w: --write-baseline writes it", err)
	} else if err != nil {
		return nil, fmt.Errorf("reading the baseline: %w", err)
	}
	entries, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", name, err)
	}
	return entries, nil
}

// Write writes a file in one step, unless it is so already. Links are followed, and
// the mode is kept.
func Write(name string, entries []Entry) (err error) {
	text, mode := Format(entries), fs.FileMode(0o644)
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, text) {
		return nil
	}
	if info, err := os.Stat(name); err == nil {
		mode = info.Mode()
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("writing the baseline: %w", err)
		}
	}()
	temp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // if it did not get in place
	_, err = temp.Write(text)
	if err = errors.Join(err, temp.Chmod(mode), temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), name)
}
