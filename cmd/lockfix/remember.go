package main

import (
	"crypto/sha256"
	"fmt"
	"go/token"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/driver"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
)

// A memory is the report of one package, as it is kept.
type memory struct {
	Report rewrite.Report
	Abroad []abroad
}

// An abroad is a position in another package: its line may change while all that
// the report depends on stays the same.
type abroad struct {
	_ struct{} `cbor:",toarray"`

	Finding, Position int
	Place             driver.Place
}

// positions calls yield with each position of a finding, always in the same order.
func positions(f *rule.Finding, yield func(i int, p *token.Position)) {
	all := []*token.Position{&f.Pos, &f.End, &f.Acquired}
	for i := range f.Notes {
		all = append(all, &f.Notes[i].Pos)
	}
	for i := range f.Refusals {
		all = append(all, &f.Refusals[i].Pos)
	}
	for i, p := range all {
		yield(i, p)
	}
}

// forget drops the syntax that a finding holds on to: nobody reads it any more, and
// it is as large as a package.
func forget(f *rule.Finding) {
	if f.Fix != nil {
		for i := range f.Fix.Obligations {
			f.Fix.Obligations[i].At = nil
		}
	}
}

// remember writes down the report of a package; nil if it cannot be kept. An empty
// report is an empty list.
func remember(u *driver.Unit, r rewrite.Report) []byte {
	if len(r.Findings)+r.Generated+r.Ignored+r.Off == 0 {
		return []byte{}
	}
	m := memory{Report: r}
	m.Report.Findings = nil
	lost := false
	for i, f := range r.Findings {
		f := copyOf(f)
		positions(f, func(j int, p *token.Position) {
			if p.IsValid() && !has(u.Src, p.Filename) {
				place := u.Place(*p)
				lost = lost || place == driver.Place{}
				m.Abroad = append(m.Abroad, abroad{Finding: i, Position: j, Place: place})
				*p = token.Position{}
			}
		})
		m.Report.Findings = append(m.Report.Findings, f)
	}
	data, err := cbor.Marshal(m)
	if err != nil || lost {
		return nil
	}
	return data
}

func has(src *source.Package, name string) bool {
	return slices.ContainsFunc(src.Files, func(f *source.File) bool { return f.Name == name })
}

// copyOf copies as much of a finding as has positions.
func copyOf(f *rule.Finding) *rule.Finding {
	g := *f
	g.Notes, g.Refusals = slices.Clone(f.Notes), slices.Clone(f.Refusals)
	return &g
}

// recall takes the report of an earlier run, unless there is something to fix.
func (c *check) recall(u *driver.Unit, kept []byte) (tell func()) {
	r, ok := reportOf(u, kept)
	if !ok {
		return nil
	}
	for _, f := range r.Findings {
		if (c.write || c.diff) && !c.scouting && f.Fix != nil && (f.Fix.Safe || c.unsafe) {
			return nil
		}
	}
	return func() { c.collect(r) }
}

// reportOf reads what remember wrote.
func reportOf(u *driver.Unit, kept []byte) (r rewrite.Report, ok bool) {
	var m memory
	lost := false
	if len(kept) == 0 {
		return r, true
	}
	if cbor.Unmarshal(kept, &m) != nil {
		return r, false
	}
	for _, a := range m.Abroad {
		if a.Finding >= len(m.Report.Findings) {
			return r, false
		}
		positions(m.Report.Findings[a.Finding], func(i int, p *token.Position) {
			if i == a.Position {
				*p = u.Locate(a.Place)
				lost = lost || !p.IsValid()
			}
		})
	}
	return m.Report, !lost
}

// analysis stands for all that decides what is found out of a package, besides its
// source: the program, the engine in it, which its rules name, and the vocabulary.
func (c *check) analysis() string {
	return strings.Join(append(c.names(), c.build, c.config.Digest), " ")
}

// purpose stands for what is reported.
func (c *check) purpose() string {
	var rules []string
	for _, r := range c.active {
		rules = append(rules, r.Name)
	}
	return fmt.Sprintf("%s, level %s, fixes %t", strings.Join(rules, " "), c.level, !c.list || c.write || c.diff)
}

// buildID names the program that runs: the hash of its file, "" if it cannot be
// had. To hash it takes longer than all else of a run after which nothing changed,
// so the hash is kept by what the file system says of the file.
func buildID(s *store.Store) string {
	exe, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(exe)
	if err != nil {
		return ""
	}
	key := store.KeyOf("program", exe, fmt.Sprint(info.Size(), info.ModTime().UnixNano()))
	if sum, ok := s.Get(key); ok {
		return string(sum)
	}
	f, err := os.Open(exe)
	if err != nil {
		return ""
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	sum := fmt.Sprintf("%x", h.Sum(nil))
	s.Put(key, []byte(sum))
	return sum
}

// openStore opens the store of the user. Without a place for it, or with
// --no-cache, it ends with the run.
func (c *check) openStore() (*store.Store, error) {
	if c.noCache {
		return store.Memory(), nil
	}
	dir, err := store.Dir()
	if err != nil {
		if os.Getenv(store.Variable) != "" {
			return nil, err
		}
		c.remark(err.Error())
		return store.Memory(), nil
	}
	s, err := store.Open(dir)
	if err != nil {
		c.remark(err.Error() + ": going on without a cache")
		return store.Memory(), nil
	}
	if c.build = buildID(s); c.build == "" {
		return store.Memory(), nil // what it keeps could not be told from what another version keeps
	}
	return s, nil
}
