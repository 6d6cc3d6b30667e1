package config

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed starter.yaml
var starter []byte

// Start writes a file to begin with into a directory, in which all is a comment. It
// returns its name. One that is there already stays.
func Start(dir string) (string, error) {
	name := filepath.Join(dir, Name)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("%s is there already: it stays as it is", name)
	} else if err != nil {
		return "", fmt.Errorf("making the configuration: %w", err)
	}
	_, err = f.Write(starter)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(name) // half of it would be in the way of the next try
		return "", fmt.Errorf("writing the configuration: %w", err)
	}
	return name, nil
}
