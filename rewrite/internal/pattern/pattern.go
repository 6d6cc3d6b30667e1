// Package pattern has regular expressions that are compiled when they are first asked:
// a run that finds everything in its cache asks none of them, and to compile those of
// all rules takes a twentieth of its time.
package pattern

import (
	"regexp"
	"sync"
)

// A Pattern is a regular expression. It may be used from several goroutines. The first
// question panics if it is none.
type Pattern struct {
	compile func() *regexp.Regexp
}

// New returns the pattern of a text in the syntax of package regexp.
func New(text string) *Pattern {
	return &Pattern{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })}
}

// MatchString reports whether a part of s matches.
func (p *Pattern) MatchString(s string) bool { return p.compile().MatchString(s) }

// FindStringSubmatch returns the leftmost match in s and those of its groups, nil if
// there is none.
func (p *Pattern) FindStringSubmatch(s string) []string { return p.compile().FindStringSubmatch(s) }

// Split returns what stands in s between the matches.
func (p *Pattern) Split(s string) []string { return p.compile().Split(s, -1) }
