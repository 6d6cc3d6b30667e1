package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// A pack is a file of values, one behind the other. Behind them stand an index, which
// has an entry for each value, sorted by key, and a tail. It is open only while it is
// read: where an open file cannot be removed, an editor would keep all of them.
type pack struct {
	name string
	made time.Time

	asked bool // for its index
	index []byte
	gone  bool // it is not there, is damaged, or is of another version
}

// The names of packs begin with when they were made, so that they sort by age.
const (
	packs = "packs" // the folder
	whole = ".pack"
	part  = ".part" // one that is being written
)

// An entry says where a value lies, in bytes. An index is entries as encoding/binary
// writes them.
type entry struct {
	Key      Key
	Sum      [16]byte // of a hash of the value, the first bytes
	At, Size uint64
}

// A tail ends a pack.
type tail struct {
	Index uint64 // where the index begins
	Sum   [sha256.Size]byte
	Mark  [15]byte
}

var (
	mark      = [15]byte([]byte("lockfix pack 1\n"))
	order     = binary.LittleEndian
	entrySize = binary.Size(entry{})
	tailSize  = binary.Size(tail{})
)

func sumOf(data []byte) [16]byte {
	sum := sha256.Sum256(data)
	return [16]byte(sum[:])
}

var errDamaged = errors.New("the file is damaged")

// packAt makes a pack of a file by its name, nil if none is called so.
func packAt(path string) *pack {
	made, ok := madeAt(path)
	if !ok || filepath.Ext(path) != whole {
		return nil
	}
	return &pack{name: path, made: made}
}

// madeAt reads off the name of a file when it was made.
func madeAt(path string) (time.Time, bool) {
	when, _, _ := strings.Cut(filepath.Base(path), "-")
	nanos, err := strconv.ParseInt(when, 16, 64)
	return time.Unix(0, nanos), err == nil && len(when) == 16
}

// open reads the index, once, and reports whether there is one.
func (p *pack) open() bool {
	if p.asked {
		return !p.gone
	}
	p.asked, p.gone = true, true
	file, err := os.Open(p.name)
	if err != nil {
		return false
	}
	defer file.Close()
	p.index, err = readIndex(file)
	p.gone = err != nil
	return !p.gone
}

func readIndex(file *os.File) ([]byte, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	end := info.Size() - int64(tailSize)
	if end < 0 {
		return nil, errDamaged
	}
	var t tail
	if err := binary.Read(io.NewSectionReader(file, end, int64(tailSize)), order, &t); err != nil {
		return nil, err
	}
	if t.Mark != mark || t.Index > uint64(end) || (uint64(end)-t.Index)%uint64(entrySize) != 0 {
		return nil, errDamaged
	}
	index := make([]byte, uint64(end)-t.Index)
	if _, err := file.ReadAt(index, int64(t.Index)); err != nil {
		return nil, err
	}
	if sha256.Sum256(index) != t.Sum {
		return nil, errDamaged
	}
	return index, nil
}

func (p *pack) len() int { return len(p.index) / entrySize }

func (p *pack) entry(i int) (e entry) {
	binary.Decode(p.index[i*entrySize:], order, &e) // it is long enough
	return e
}

// find looks a key up, in time that grows with the logarithm of the pack's values.
func (p *pack) find(key Key) (entry, bool) {
	if !p.open() {
		return entry{}, false
	}
	i := sort.Search(p.len(), func(i int) bool {
		return bytes.Compare(p.index[i*entrySize:][:len(key)], key[:]) >= 0
	})
	if i == p.len() {
		return entry{}, false
	}
	e := p.entry(i)
	return e, e.Key == key
}

// read reads a value.
func (p *pack) read(e entry) ([]byte, error) {
	file, err := os.Open(p.name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return e.read(file)
}

func (e *entry) read(file *os.File) ([]byte, error) {
	data := make([]byte, e.Size)
	if _, err := file.ReadAt(data, int64(e.At)); err != nil {
		return nil, err
	}
	if sumOf(data) != e.Sum {
		return nil, errDamaged
	}
	return data, nil
}

// A writer writes a pack beside the name that it gets when it is whole.
type writer struct {
	file  *os.File
	name  string // that the pack will have
	size  uint64
	index map[Key]entry
}

// newWriter begins a pack in a directory that counts as made at some time.
func newWriter(dir string, made time.Time) (*writer, error) {
	name := filepath.Join(dir, fmt.Sprintf("%016x-%08x", made.UnixNano(), rand.Uint32()))
	const flags = os.O_RDWR | os.O_CREATE | os.O_EXCL
	file, err := os.OpenFile(name+part, flags, 0o666)
	if errors.Is(err, fs.ErrNotExist) { // somebody has removed the directory
		if os.MkdirAll(dir, 0o777) == nil {
			file, err = os.OpenFile(name+part, flags, 0o666)
		}
	}
	if err != nil {
		return nil, err
	}
	return &writer{file: file, name: name + whole, index: make(map[Key]entry)}, nil
}

func (w *writer) add(key Key, data []byte) error {
	if _, err := w.file.WriteAt(data, int64(w.size)); err != nil {
		return err
	}
	w.index[key] = entry{Key: key, Sum: sumOf(data), At: w.size, Size: uint64(len(data))}
	w.size += uint64(len(data))
	return nil
}

// finish completes the pack. The file is closed before it gets its name, for where
// an open file cannot get another one.
func (w *writer) finish() (*pack, error) {
	entries := slices.SortedFunc(maps.Values(w.index), func(a, b entry) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	text, err := binary.Append(nil, order, entries)
	if err == nil {
		text, err = binary.Append(text, order, tail{w.size, sha256.Sum256(text), mark})
	}
	if err == nil {
		_, err = w.file.WriteAt(text, int64(w.size))
	}
	if err = errors.Join(err, w.file.Close()); err == nil {
		err = os.Rename(w.file.Name(), w.name)
	}
	if err != nil {
		os.Remove(w.file.Name())
		return nil, err
	}
	return packAt(w.name), nil
}

// abandon leaves nothing of a pack that cannot be written.
func (w *writer) abandon() {
	w.file.Close()
	os.Remove(w.file.Name())
}
