package clone

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"
)

// An entry is a file of a commit.
type entry struct{ mode, object, path string }

// Materialise puts the files of a commit into a new directory and returns the
// paths of those that the clone does not hold. If the directory exists, an
// earlier call made it whole and nothing happens.
func (r Repo) Materialise(commit, into string) (absent []string, err error) {
	if _, err := os.Stat(into); err == nil {
		return nil, nil
	}
	entries, err := r.entries(commit)
	if err != nil {
		return nil, err
	}
	part := into + ".part"
	if err := os.RemoveAll(part); err != nil {
		return nil, fmt.Errorf("clear an interrupted copy: %w", err)
	}
	if err := os.MkdirAll(part, 0o755); err != nil {
		return nil, fmt.Errorf("make a directory for %s: %w", commit, err)
	}
	root, err := os.OpenRoot(part)
	if err != nil {
		return nil, fmt.Errorf("open the directory for %s: %w", commit, err)
	}
	defer root.Close()
	if absent, err = r.copyBlobs(entries, root); err != nil {
		return nil, fmt.Errorf("copy %s of %s: %w", commit, r.Name, err)
	}
	return absent, os.Rename(part, into)
}

// entries lists the files of a commit; submodules have no files here.
func (r Repo) entries(commit string) ([]entry, error) {
	out, err := Output(r.Dir, "ls-tree", "-r", "-z", "--full-tree", commit)
	if err != nil {
		return nil, err
	}
	var entries []entry
	for line := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		meta, name, _ := strings.Cut(line, "\t")
		if f := strings.Fields(meta); len(f) == 3 && f[1] == "blob" {
			entries = append(entries, entry{f[0], f[2], name})
		}
	}
	return entries, nil
}

// copyBlobs asks one git process for all objects in turn.
func (r Repo) copyBlobs(entries []entry, root *os.Root) (absent []string, err error) {
	cmd := Git(r.Dir, "cat-file", "--batch")
	var ask bytes.Buffer
	for _, e := range entries {
		fmt.Fprintln(&ask, e.object)
	}
	cmd.Stdin = &ask
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	defer func() {
		stdout.Close() // ends git where copying stopped early
		err = errors.Join(err, cmd.Wait())
	}()
	answers := bufio.NewReaderSize(stdout, 1<<20)
	for _, e := range entries {
		data, found, err := readBlob(answers)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", e.path, err)
		}
		if !found {
			absent = append(absent, e.path)
			continue
		}
		if err := write(root, e, data); err != nil {
			return nil, fmt.Errorf("write %s: %w", e.path, err)
		}
	}
	return absent, nil
}

// readBlob reads one answer of git cat-file --batch.
func readBlob(r *bufio.Reader) (data []byte, found bool, err error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return nil, false, err
	}
	f := strings.Fields(line)
	if len(f) == 2 && f[1] == "missing" {
		return nil, false, nil
	}
	if len(f) != 3 {
		return nil, false, fmt.Errorf("unexpected answer of git: %q", line)
	}
	size, err := strconv.Atoi(f[2])
	if err != nil {
		return nil, false, fmt.Errorf("read size: %w", err)
	}
	data = make([]byte, size+1) // a newline follows
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, false, err
	}
	return data[:size], true, nil
}

// write makes one file. The root keeps every path inside the directory, whatever
// the tree or its links say.
func write(root *os.Root, e entry, data []byte) error {
	if err := root.MkdirAll(path.Dir(e.path), 0o755); err != nil {
		return err
	}
	switch e.mode {
	case "120000":
		return root.Symlink(string(data), e.path)
	case "100755":
		return root.WriteFile(e.path, data, 0o755)
	default:
		return root.WriteFile(e.path, data, 0o644)
	}
}
