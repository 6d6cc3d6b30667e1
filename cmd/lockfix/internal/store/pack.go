package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
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

// An entry of an index, as it lies in the file: the key, a hash of the value, where it
// begins and how long it is, in bytes.
const (
	sumSize   = 16
	entrySize = sha256.Size + sumSize + 8 + 8
)

type entry struct {
	key      Key
	sum      [sumSize]byte
	at, size uint64
}

func (e *entry) append(text []byte) []byte {
	text = append(append(text, e.key[:]...), e.sum[:]...)
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(text, e.at), e.size)
}

func entryOf(text []byte) (e entry) {
	text = text[copy(e.key[:], text):]
	text = text[copy(e.sum[:], text):]
	e.at, e.size = binary.LittleEndian.Uint64(text), binary.LittleEndian.Uint64(text[8:])
	return e
}

func sumOf(data []byte) [sumSize]byte {
	sum := sha256.Sum256(data)
	return [sumSize]byte(sum[:])
}

// The tail of a pack: where the index begins, its hash, and mark.
const (
	mark     = "lockfix pack 1\n"
	tailSize = 8 + sha256.Size + len(mark)
)

var errDamaged = errors.New("the file is damaged")

// packAt makes a pack of a file by its name, nil if none is called so.
func packAt(path string) *pack {
	when, _, ok := strings.Cut(strings.TrimSuffix(filepath.Base(path), whole), "-")
	nanos, err := strconv.ParseInt(when, 16, 64)
	if !ok || err != nil || len(when) != 16 || !strings.HasSuffix(path, whole) {
		return nil
	}
	return &pack{name: path, made: time.Unix(0, nanos)}
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
	tail := make([]byte, tailSize)
	if info.Size() < int64(tailSize) {
		return nil, errDamaged
	}
	if _, err := file.ReadAt(tail, info.Size()-int64(tailSize)); err != nil {
		return nil, err
	}
	begin := binary.LittleEndian.Uint64(tail)
	end := uint64(info.Size()) - uint64(tailSize)
	if string(tail[8+sha256.Size:]) != mark || begin > end || (end-begin)%entrySize != 0 {
		return nil, errDamaged
	}
	index := make([]byte, end-begin)
	if _, err := file.ReadAt(index, int64(begin)); err != nil {
		return nil, err
	}
	if sha256.Sum256(index) != [sha256.Size]byte(tail[8:]) {
		return nil, errDamaged
	}
	return index, nil
}

func (p *pack) len() int { return len(p.index) / entrySize }

func (p *pack) entry(i int) entry { return entryOf(p.index[i*entrySize:]) }

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
	return e, e.key == key
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
	data := make([]byte, e.size)
	if _, err := file.ReadAt(data, int64(e.at)); err != nil {
		return nil, err
	}
	if sumOf(data) != e.sum {
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
	w.index[key] = entry{key: key, sum: sumOf(data), at: w.size, size: uint64(len(data))}
	w.size += uint64(len(data))
	return nil
}

// finish completes the pack. The file is closed before it gets its name, for where
// an open file cannot get another one.
func (w *writer) finish() (*pack, error) {
	var index []byte
	for _, key := range slices.SortedFunc(maps.Keys(w.index), func(a, b Key) int { return bytes.Compare(a[:], b[:]) }) {
		e := w.index[key]
		index = e.append(index)
	}
	sum := sha256.Sum256(index)
	text := binary.LittleEndian.AppendUint64(index, w.size)
	text = append(append(text, sum[:]...), mark...)
	_, err := w.file.WriteAt(text, int64(w.size))
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
