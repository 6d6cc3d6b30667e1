package touch

import (
	"fmt"
	"os"
)

// A File is a file that is touched.
type File struct {
	Name    string
	content []byte
}

// Open reads a file as it is before it is touched.
func Open(name string) (*File, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read the file to touch: %w", err)
	}
	return &File{Name: name, content: content}, nil
}

// Touch changes the file for a round, for real, since what looks at times only is
// deceived by less: odd rounds add a function, even ones a comment. The function
// is used, or staticcheck would report it.
func (f *File) Touch(round int) error {
	text := fmt.Sprintf("\n// Round %d was here.\n", round)
	if round%2 == 1 {
		name := fmt.Sprintf("lockfixPeers%d", round)
		text = fmt.Sprintf("\nfunc %s(n int) int {\n\tif n > %d {\n\t\treturn n\n\t}\n\treturn 2 * n\n}\n\nvar _ = %s\n", name, round, name)
	}
	return f.write(append(f.content[:len(f.content):len(f.content)], text...))
}

// Restore undoes what Touch did.
func (f *File) Restore() error { return f.write(f.content) }

func (f *File) write(content []byte) error {
	if err := os.WriteFile(f.Name, content, 0o644); err != nil {
		return fmt.Errorf("touch a file: %w", err)
	}
	return nil
}
