// Package store keeps what earlier runs found out, on disk.
//
// The files are those of the go command's build cache, by the library that copies
// it: each value lies beside its hash, so that what a crash or a bad disk has
// damaged is not there, and several runs may read and write at once. What is
// added here is a bound on the size.
package store

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/cache"
)

// Variable is the environment variable that names the directory.
const Variable = "LOCKFIX_CACHE"

// A Key names a value: a hash of all that the value depends on.
type Key [sha256.Size]byte

// KeyOf hashes parts, each with its length, so that no two lists of parts run
// together.
func KeyOf(parts ...string) Key {
	h := sha256.New()
	var size [8]byte
	for _, p := range parts {
		binary.LittleEndian.PutUint64(size[:], uint64(len(p)))
		h.Write(size[:])
		io.WriteString(h, p)
	}
	return Key(h.Sum(nil))
}

// A Store keeps values by key. It may be used from several goroutines and, on
// disk, from several processes. The zero Store keeps nothing.
type Store struct {
	dir  string
	disk *cache.Cache // nil: in memory
	mu   sync.Mutex
	mem  map[Key][]byte

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

// Open opens the store in a directory, which is made if it is not there.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("making the cache directory: %w", err)
	}
	disk, err := cache.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the cache: %w", err)
	}
	return &Store{dir: dir, disk: disk}, nil
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
	if s.disk != nil {
		data, _, err := s.disk.GetBytes(cache.ActionID(key))
		return data, err == nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	data, ok := s.mem[key]
	return data, ok
}

// Put keeps a value. That a cache cannot be written, because the disk is full or
// belongs to somebody else, must not stop a run: the value is computed again.
func (s *Store) Put(key Key, data []byte) {
	s.Puts.Add(1)
	if s.disk != nil {
		s.disk.PutBytes(cache.ActionID(key), data)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mem != nil {
		s.mem[key] = data
	}
}

// Limit is how many bytes a store may keep after [Store.Trim]; a large program
// takes a tenth of it.
const Limit = 1 << 30

// trimEvery is how often a run looks at the size: a look costs a stat of each
// file.
const trimEvery = time.Hour

// Trim drops what was not used for days, and what was used least recently above
// the limit. It does so once an hour at most.
func (s *Store) Trim() {
	if s.disk == nil || s.Puts.Load() == 0 {
		return
	}
	stamp := filepath.Join(s.dir, "bounded.txt")
	if info, err := os.Stat(stamp); err == nil && time.Since(info.ModTime()) < trimEvery {
		return
	}
	if os.WriteFile(stamp, nil, 0o666) != nil {
		return
	}
	s.disk.Trim()
	s.bound(Limit)
}

// bound removes the files that were used least recently until the rest is below
// three quarters of limit.
func (s *Store) bound(limit int64) {
	files, total := list(s.dir)
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

func isValue(folder string, e fs.DirEntry) bool {
	hash, kind, ok := strings.Cut(e.Name(), "-")
	return ok && e.Type().IsRegular() && (kind == "a" || kind == "d") && len(hash) == 2*sha256.Size && strings.HasPrefix(hash, folder)
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
