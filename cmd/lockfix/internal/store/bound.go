package store

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Limit is how many bytes a store may keep after [Store.Trim]; a large program
// takes a tenth of it.
const Limit = 1 << 30

const (
	trimEvery = time.Hour          // how often a run looks at the size
	moveEvery = 24 * time.Hour     // how old packs are whose values move when they are read
	unused    = 5 * 24 * time.Hour // after which a value goes
)

const (
	full  = 4 << 20  // bytes of values after which a pack is finished: a killed run loses no more
	small = full / 2 // bytes of files that are joined,
	many  = 16       // when there are so many of one day: a look may open them all
)

// join makes one pack of the small ones of today, if they are many. It counts as made
// when the newest was: of one day only, or values would get younger each time. What
// two processes join at once lies there twice, which costs no more than room.
func (s *Store) join() {
	day := func(t time.Time) int64 { return t.UnixNano() / int64(moveEvery) }
	today := day(time.Now())
	var little []*pack
	for _, p := range s.packs {
		if day(p.made) != today {
			continue
		}
		if info, err := os.Stat(p.name); err == nil && info.Size() < small && p.open() {
			little = append(little, p)
		}
	}
	if len(little) < many {
		return
	}
	w, err := newWriter(s.dir, little[0].made)
	if err != nil {
		return
	}
	for _, p := range little {
		if err := w.copy(p); err != nil {
			w.abandon()
			return
		}
	}
	joined, err := w.finish()
	if err != nil {
		return
	}
	for _, p := range little {
		os.Remove(p.name)
	}
	s.packs = slices.DeleteFunc(s.packs, func(p *pack) bool { return slices.Contains(little, p) })
	s.add(joined)
}

// copy adds the values of a pack that the writer does not have.
func (w *writer) copy(p *pack) error {
	file, err := os.Open(p.name)
	if err != nil {
		return nil // somebody else has joined it
	}
	defer file.Close()
	for i := range p.len() {
		e := p.entry(i)
		if _, ok := w.index[e.Key]; ok {
			continue
		}
		data, err := e.read(file)
		if err != nil {
			continue // it is damaged
		}
		if err := w.add(e.Key, data); err != nil {
			return err
		}
	}
	return nil
}

// Trim drops what was not used for days, and what was put first above the limit. It
// does so once an hour at most.
func (s *Store) Trim() {
	s.Flush()
	if s.dir == "" || !s.wrote {
		return
	}
	stamp := filepath.Join(filepath.Dir(s.dir), "bounded.txt")
	if info, err := os.Stat(stamp); err == nil && time.Since(info.ModTime()) < trimEvery {
		return
	}
	if os.WriteFile(stamp, nil, 0o666) != nil {
		return
	}
	bound(filepath.Dir(s.dir), Limit)
}

// bound removes the files that were not used for long, and, of what is above the
// limit, the oldest until the rest is below three quarters of it.
func bound(dir string, limit int64) {
	files, total := list(dir)
	files = slices.DeleteFunc(files, func(f file) bool {
		old := time.Since(f.used) > unused+moveEvery && os.Remove(f.name) == nil
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

// list lists the packs in a directory and what earlier versions kept there, nothing
// else, so that a wrong LOCKFIX_CACHE costs no other files.
func list(dir string) (files []file, total int64) {
	folders, _ := os.ReadDir(dir)
	for _, folder := range folders {
		if !folder.IsDir() {
			continue
		}
		entries, _ := os.ReadDir(filepath.Join(dir, folder.Name()))
		for _, e := range entries {
			info, err := e.Info()
			if err != nil || !e.Type().IsRegular() {
				continue
			}
			f := file{filepath.Join(dir, folder.Name(), e.Name()), info.Size(), info.ModTime()}
			ext := filepath.Ext(f.name)
			if made, ok := madeAt(f.name); ok && folder.Name() == packs && (ext == whole || ext == part) {
				f.used = made
			} else if !isOld(folder.Name(), e.Name()) {
				continue
			}
			files = append(files, f)
			total += f.size
		}
	}
	return files, total
}

// isOld reports whether a file is one of those that earlier versions wrote, one for
// each value, in folders of two hexadecimal digits.
func isOld(folder, name string) bool {
	hash, kind, ok := strings.Cut(name, "-")
	return ok && len(folder) == 2 && len(hash) == 2*sha256.Size && strings.HasPrefix(hash, folder) && (kind == "v" || kind == "a" || kind == "d" || strings.HasPrefix(kind, "p"))
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
