package syncapi

import (
	"go/token"
	"regexp"
	"strings"
	"testing"
)

var allTables = []table{stdSync, std, stdIO, syncLike, observing, valueLike, remote}

// Third parties cannot be loaded here, so their names are checked for form.
func TestNamesAreWellFormed(t *testing.T) {
	path := regexp.MustCompile(`^([a-zA-Z0-9_.~-]+(/[a-zA-Z0-9_.~-]+)*(/\.\.\.)?)?$`)
	for _, tab := range allTables {
		for p, rows := range tab {
			if !path.MatchString(p) {
				t.Errorf("%q is no package path", p)
			}
			if root, _ := strings.CutSuffix(p, "/..."); unversioned(root) != root && p != "math/rand/v2" {
				t.Errorf("%q: write the path without a version", p)
			}
			for _, r := range rows {
				for name := range strings.FieldsSeq(r.names) {
					if !wellFormed(name) {
						t.Errorf("%s: %q is no name", p, name)
					}
				}
			}
		}
	}
}

func wellFormed(name string) bool {
	parts := strings.Split(name, ".")
	for _, part := range parts {
		if part != "*" && !token.IsIdentifier(part) {
			return false
		}
	}
	return len(parts) <= 2
}

// What a message needs and what a rule relies on, of every entry.
func TestEntriesAreConsistent(t *testing.T) {
	for _, tab := range allTables {
		for p, rows := range tab {
			for _, r := range rows {
				e := r.is
				if quiet := e.Class <= Plain; quiet != (e.What == "") {
					t.Errorf("%s %s: class %d with message %q", p, r.names, e.Class, e.What)
				}
				if e.Network && e.Kind != IO {
					t.Errorf("%s %s: network without I/O", p, r.names)
				}
				if want, ok := classOf[e.Kind]; ok && e.Class < want {
					t.Errorf("%s %s: kind %d has class %d", p, r.names, e.Kind, e.Class)
				}
			}
		}
	}
}

var classOf = map[Kind]Class{Acquire: Locks, Wait: Waits, CondWait: Waits, Sleep: Outside, IO: Outside, Once: Locks}

func TestPathsAreMatched(t *testing.T) {
	x := newIndex(table{
		"a":         {{"F", plain}},
		"a/...":     {{"F", wake}},
		"a/b":       {{"F", exits}},
		"k8s.io/x":  {{"F", release}},
		"k8s.io/vx": {{"F", foreign}},
	})
	for path, want := range map[string]*Entry{
		"a":                       &plain,
		"a/c/d":                   &wake,
		"a/b":                     &exits,
		"ab":                      nil,
		"":                        nil,
		"k8s.io/x/v2":             &release,
		"m/vendor/k8s.io/x":       &release,
		"m/vendor/k8s.io/x/v12":   &release,
		"vendor/a":                &plain,
		"k8s.io/vx":               &foreign,
		"k8s.io/v1x":              nil,
		"k8s.io/x/v2/y":           nil,
		"example.com/a":           nil,
		"example.com/k8s.io/x/v2": nil,
	} {
		p := x.find(path)
		if (p == nil) != (want == nil) {
			t.Errorf("%q: found %v", path, p != nil)
		} else if p != nil && p.funcs["F"].Class != want.Class {
			t.Errorf("%q: found another package's table", path)
		}
	}
}

func TestTwoRowsForOneNamePanic(t *testing.T) {
	for _, rows := range [][]row{
		{{"F", plain}, {"F", wake}},
		{{"T.M G T.M", plain}},
		{{"*", plain}, {"*", wake}},
		{{"*.*", plain}, {"*.*", wake}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("accepted: %v", rows)
				}
			}()
			newIndex(table{"p": rows})
		}()
	}
}
