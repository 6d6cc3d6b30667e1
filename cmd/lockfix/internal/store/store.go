// Package store keeps what earlier runs found out, on disk.
//
// What a run puts lies in few files, each a [pack]: a file for each value took up to a
// sixth of the time of a first run, by what the disk had to do besides. A pack gets its
// name when it is whole and is never changed, so that several runs may read and write
// at once; each value and the index have their hashes, so that what a crash or a bad
// disk has damaged is not there. Of two values under one key the newer counts.
//
// Nobody notes what is used: what is read in an old pack moves into the pack of the
// run that reads it, and packs go by age. Many small packs of a day become one.
//
// Rejected: the files of the go command's build cache, by the library that copies it.
// It keeps two files a value, with three hashes and a dozen calls of the system for
// each. Rejected: bbolt, whose file only one process may have open that writes, and
// nobody while it does: a run would wait for an editor.
package store

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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
	dir string // of the packs; "": in memory
	mu  sync.Mutex
	mem map[Key][]byte

	out    *writer   // of the values that this process puts
	packs  []*pack   // the newest first
	listed time.Time // when the directory had changed last when it was listed
	wrote  bool      // a pack
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
	s := &Store{dir: filepath.Join(dir, packs)}
	if err := os.MkdirAll(s.dir, 0o777); err != nil {
		return nil, fmt.Errorf("making the cache directory: %w", err)
	}
	return s, nil
}

// Memory makes a store that ends with the process.
func Memory() *Store { return &Store{mem: make(map[Key][]byte)} }

// Get returns a value. What cannot be read, or is damaged, is not there.
func (s *Store) Get(key Key) ([]byte, bool) {
	if s.dir == "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		data, ok := s.mem[key]
		return data, ok
	}
	for range 2 { // a pack may go between the look and the reading
		data, made, err := s.read(key)
		switch {
		case errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrClosed):
			continue
		case err != nil:
			return nil, false
		case time.Since(made) > moveEvery:
			s.Put(key, data)
		}
		return data, true
	}
	return nil, false
}

// errNone is what read returns where no value is.
var errNone = errors.New("there is no such value")

// read reads a value, and says since when it has been there.
func (s *Store) read(key Key) (data []byte, made time.Time, err error) {
	e, p, out := s.find(key)
	switch {
	case out != nil:
		data, err = e.read(out.file)
		return data, time.Now(), err
	case p == nil:
		return nil, made, errNone
	}
	if data, err = p.read(e); errors.Is(err, fs.ErrNotExist) {
		s.mu.Lock()
		p.gone = true
		s.mu.Unlock()
	}
	return data, p.made, err
}

// find says where a value lies, also when another process has put it meanwhile.
func (s *Store) find(key Key) (entry, *pack, *writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.out != nil {
		if e, ok := s.out.index[key]; ok {
			return e, nil, s.out
		}
	}
	for {
		for _, p := range s.packs {
			if e, ok := p.find(key); ok {
				return e, p, nil
			}
		}
		if !s.look() {
			return entry{}, nil, nil
		}
	}
}

// look lists the packs again if the directory has changed, and reports whether it has.
func (s *Store) look() bool {
	info, err := os.Stat(s.dir)
	if err != nil || info.ModTime().Equal(s.listed) {
		return false
	}
	s.listed = info.ModTime()
	old := make(map[string]*pack, len(s.packs))
	for _, p := range s.packs {
		old[p.name] = p
	}
	s.packs = s.packs[:0]
	entries, _ := os.ReadDir(s.dir)
	for _, e := range slices.Backward(entries) { // they are sorted by name, that is by age
		path := filepath.Join(s.dir, e.Name())
		if p := cmp.Or(old[path], packAt(path)); p != nil {
			s.packs = append(s.packs, p)
		}
	}
	return true
}

// Put keeps a value; data may be used for something else afterwards. That a cache
// cannot be written, because the disk is full or belongs to somebody else, must not
// stop a run: the value is computed again.
func (s *Store) Put(key Key, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.dir != "":
		s.write(key, data)
	case s.mem != nil:
		s.mem[key] = bytes.Clone(data)
	}
}

// write adds a value to the pack of this process.
func (s *Store) write(key Key, data []byte) {
	if s.out == nil {
		made := time.Now()
		if len(s.packs) > 0 && !made.After(s.packs[0].made) { // the clock was put back
			made = s.packs[0].made.Add(1)
		}
		out, err := newWriter(s.dir, made)
		if err != nil {
			return
		}
		s.out = out
	}
	if s.out.add(key, data) != nil {
		s.out.abandon()
		s.out = nil
	} else if s.out.size >= full {
		s.finish()
	}
}

// finish completes the pack of this process: others see it, and what was put is safe
// from the end of the process.
func (s *Store) finish() {
	p, err := s.out.finish()
	s.out = nil
	if err == nil {
		s.wrote = true
		s.add(p)
	}
}

// add adds a pack to those that are known.
func (s *Store) add(p *pack) {
	s.packs = append(s.packs, p)
	slices.SortFunc(s.packs, func(a, b *pack) int { return strings.Compare(b.name, a.name) })
}

// Flush makes what was put visible to other processes, and lasting. A run does so at
// its end; what is put before is lost only if the process is killed, and of much only
// the last.
func (s *Store) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.out != nil {
		s.finish()
		s.join()
	}
}
