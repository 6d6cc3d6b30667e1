// Package store keeps what earlier runs found out, on disk.
//
// Each value lies in a file of its own, behind its hash, so that what a crash or a
// bad disk has damaged is not there; and it gets its name when it is whole, so that
// several runs may read and write at once.
//
// Rejected: the files of the go command's build cache, by the library that copies it.
// It keeps two files a value, so that equal values lie there once, which ours never
// are; with three hashes and a dozen calls of the system for each value that was a
// twelfth of the time of a first run.
package store

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Variable is the environment variable that names the directory.
const Variable = "LOCKFIX_CACHE"

// A Key names a value: a hash of all that the value depends on.
type Key [sha256.Size]byte

// KeyOf hashes parts, each with its length, so that no two lists of parts run
// together.
func KeyOf[T string | []byte](parts ...T) Key {
	h := sha256.New()
	var text []byte
	for _, p := range parts {
		text = binary.LittleEndian.AppendUint64(text[:0], uint64(len(p)))
		if long, ok := any(p).([]byte); ok {
			h.Write(text)
			h.Write(long)
			continue
		}
		h.Write(append(text, p...))
	}
	return Key(h.Sum(nil))
}

// A Store keeps values by key. It may be used from several goroutines and, on
// disk, from several processes. The zero Store keeps nothing.
type Store struct {
	dir string // "": in memory
	mu  sync.Mutex
	mem map[Key][]byte

	Hits, Misses, Puts atomic.Int64
}

// Dir returns the directory that a store has when none is named: what
// LOCKFIX_CACHE says, else lockfix in the user's cache directory.
func Dir() (string, error) {
	dir := os.Getenv(Variable)
	switch {
	case dir == "":
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("finding the cache directory: %w: name one in %s", err, Variable)
		}
		return filepath.Join(user, "lockfix"), nil
	case !filepath.IsAbs(dir):
		return "", fmt.Errorf("%s=%s: the name of a cache directory is absolute", Variable, dir)
	}
	return dir, nil
}

// Open opens the store in a directory, which is made if it is not there, with the first
// of its folders: so it is said at once that it cannot be written.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(filepath.Join(dir, "00"), 0o777); err != nil {
		return nil, fmt.Errorf("making the cache directory: %w", err)
	}
	return &Store{dir: dir}, nil
}

// Memory makes a store that ends with the process.
func Memory() *Store { return &Store{mem: make(map[Key][]byte)} }

// Get returns a value. What cannot be read, or is damaged, is not there.
func (s *Store) Get(key Key) ([]byte, bool) {
	data, ok := s.get(key)
	if ok {
		s.Hits.Add(1)
	} else {
		s.Misses.Add(1)
	}
	return data, ok
}

func (s *Store) get(key Key) ([]byte, bool) {
	if s.dir != "" {
		data, err := read(s.name(key))
		return data, err == nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	data, ok := s.mem[key]
	return data, ok
}

// Put keeps a value; data may be used for something else afterwards. That a cache cannot be written, because the disk is full or
// belongs to somebody else, must not stop a run: the value is computed again.
func (s *Store) Put(key Key, data []byte) {
	s.Puts.Add(1)
	if s.dir != "" {
		write(s.name(key), data)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mem != nil {
		s.mem[key] = bytes.Clone(data)
	}
}

// Files are spread over folders by the first byte of their names.
func (s *Store) name(key Key) string {
	hash := hex.EncodeToString(key[:])
	return filepath.Join(s.dir, hash[:2], hash+"-"+whole)
}

// What the names of files end in.
const (
	whole = "v" // a value
	part  = "p" // one that is being written, and a number
)

var errDamaged = errors.New("the value is damaged")

// read reads a value, and notes that it is used.
func read(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	text := make([]byte, max(info.Size(), sha256.Size))
	if _, err := io.ReadFull(f, text); err != nil {
		return nil, err
	}
	data := text[sha256.Size:]
	if sha256.Sum256(data) != [sha256.Size]byte(text) {
		return nil, errDamaged
	}
	if now := time.Now(); now.Sub(info.ModTime()) > usedEvery {
		os.Chtimes(name, now, now)
	}
	return data, nil
}

// write writes a value beside its name, and then gives it the name.
func write(name string, data []byte) {
	temp := fmt.Sprintf("%s%s%016x", strings.TrimSuffix(name, whole), part, rand.Uint64())
	const flags = os.O_WRONLY | os.O_CREATE | os.O_EXCL
	f, err := os.OpenFile(temp, flags, 0o666)
	if errors.Is(err, fs.ErrNotExist) { // the first value in its folder
		os.Mkdir(filepath.Dir(temp), 0o777)
		f, err = os.OpenFile(temp, flags, 0o666)
	}
	if err != nil {
		return
	}
	sum := sha256.Sum256(data)
	_, err1 := f.Write(sum[:])
	_, err2 := f.Write(data)
	if errors.Join(err1, err2, f.Close()) != nil || os.Rename(temp, name) != nil {
		os.Remove(temp)
	}
}

// Limit is how many bytes a store may keep after [Store.Trim]; a large program
// takes a tenth of it.
const Limit = 1 << 30

const (
	trimEvery = time.Hour          // how often a run looks at the size: a look costs a stat of each file
	usedEvery = time.Hour          // how often it is noted that a value is used
	unused    = 5 * 24 * time.Hour // after which a value goes
)

// Trim drops what was not used for days, and what was used least recently above
// the limit. It does so once an hour at most.
func (s *Store) Trim() {
	if s.dir == "" || s.Puts.Load() == 0 {
		return
	}
	stamp := filepath.Join(s.dir, "bounded.txt")
	if info, err := os.Stat(stamp); err == nil && time.Since(info.ModTime()) < trimEvery {
		return
	}
	if os.WriteFile(stamp, nil, 0o666) != nil {
		return
	}
	s.bound(Limit)
}

// bound removes the files that were not used for long, and, of what is above the
// limit, those that were used least recently until the rest is below three quarters
// of it.
func (s *Store) bound(limit int64) {
	files, total := list(s.dir)
	files = slices.DeleteFunc(files, func(f file) bool {
		old := time.Since(f.used) > unused+usedEvery && os.Remove(f.name) == nil
		if old {
			total -= f.size
		}
		return old
	})
	if total <= limit {
		return
	}
	slices.SortFunc(files, func(a, b file) int { return cmp.Or(a.used.Compare(b.used), cmp.Compare(a.name, b.name)) })
	for _, f := range files {
		if total <= limit/4*3 {
			return
		}
		if os.Remove(f.name) == nil {
			total -= f.size
		}
	}
}

type file struct {
	name string
	size int64
	used time.Time
}

// list lists the values in a directory: in its folders of two hexadecimal digits,
// nothing else, so that a wrong LOCKFIX_CACHE costs no other files.
func list(dir string) (files []file, total int64) {
	folders, _ := os.ReadDir(dir)
	for _, folder := range folders {
		if !folder.IsDir() || len(folder.Name()) != 2 {
			continue
		}
		entries, _ := os.ReadDir(filepath.Join(dir, folder.Name()))
		for _, e := range entries {
			info, err := e.Info()
			if err != nil || !isValue(folder.Name(), e) {
				continue
			}
			files = append(files, file{filepath.Join(dir, folder.Name(), e.Name()), info.Size(), info.ModTime()})
			total += info.Size()
		}
	}
	return files, total
}

// isValue reports whether a file is one that a store writes, or a version of it
// wrote that kept hashes apart (-a and -d).
func isValue(folder string, e fs.DirEntry) bool {
	hash, kind, ok := strings.Cut(e.Name(), "-")
	return ok && e.Type().IsRegular() && (kind == whole || strings.HasPrefix(kind, part) || kind == "a" || kind == "d") && len(hash) == 2*sha256.Size && strings.HasPrefix(hash, folder)
}

// Stats says how many files a directory has and how large they are.
func Stats(dir string) (files int, bytes int64) {
	all, total := list(dir)
	return len(all), total
}

// Clean removes all values of a directory, and returns how many bytes they had.
func Clean(dir string) (bytes int64, err error) {
	all, _ := list(dir)
	for _, f := range all {
		if e := os.Remove(f.name); e != nil && !os.IsNotExist(e) {
			err = cmp.Or(err, fmt.Errorf("cleaning the cache: %w", e))
			continue
		}
		bytes += f.size
	}
	return bytes, err
}
