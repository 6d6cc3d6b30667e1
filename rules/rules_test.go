package rules_test

import (
	"fmt"
	"go/ast"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/syncapi"
	"github.com/lockfix/lockfix/rules"
)

// Every directory here that holds a rule stands in the table, and the other way
// round; names are one word, pages say what a page has to say.
func TestTableIsConsistentWithTheTree(t *testing.T) {
	var dirs []string
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, err := os.Stat(e.Name() + "/doc.go"); err == nil {
			dirs = append(dirs, e.Name())
		}
	}
	var names []string
	for _, r := range rules.All() {
		names = append(names, r.Name)
		if !regexp.MustCompile(`^[a-z]+$`).MatchString(r.Name) {
			t.Errorf("%s: the name is not one lower-case word", r.Name)
		}
		if r.Title == "" || strings.HasSuffix(r.Title, ".") || strings.ToLower(r.Title) != r.Title {
			t.Errorf("%s: the title %q is not a lower-case line without full stop", r.Name, r.Title)
		}
		if !strings.HasPrefix(r.Doc, "Package "+r.Name+" reports ") {
			t.Errorf("%s: the page does not begin with %q", r.Name, "Package "+r.Name+" reports")
		}
		for _, head := range []string{"What it reports", "Why it is bad", "Why the edit keeps the meaning", "When there is no edit"} {
			if !strings.Contains(r.Doc, "\n# "+head+"\n") {
				t.Errorf("%s: the page has no section %q", r.Name, head)
			}
		}
		if _, err := os.Stat(r.Name + "/testdata/example.txtar"); err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
	}
	slices.Sort(names)
	if !slices.Equal(names, dirs) {
		t.Errorf("the table has %v, the tree has %v", names, dirs)
	}
}

// Whatever is observed, exactly one rule speaks: nothing is said twice and
// nothing falls between the rules.
func TestEveryObservationHasOneRule(t *testing.T) {
	drain := ast.Stmt(&ast.ForStmt{})
	sorts := []lockset.Sort{lockset.Lock, lockset.Semaphore, lockset.ChanSem, lockset.Token, lockset.OnceLock}
	for kind := hazard.Send; kind <= hazard.Acquire; kind++ {
		for _, sort := range sorts {
			for class := syncapi.Locks; class <= syncapi.Outside; class++ {
				for _, loop := range []ast.Stmt{nil, &ast.ForStmt{}, drain} {
					o := &hazard.Observation{Kind: kind, Class: class, Loop: loop, Drains: loop == drain, What: "operation on x"}
					o.Held.Sort, o.Held.Expr = sort, "s.mu"
					var spoke []string
					for _, r := range rules.All() {
						if r.Match == nil {
							continue
						}
						if msg, ok := r.Match(o); ok {
							spoke = append(spoke, r.Name)
							if !strings.HasPrefix(msg, o.What) || !strings.Contains(msg, "s.mu") || strings.HasSuffix(msg, ".") {
								t.Errorf("%s says %q: it names no operation or no resource", r.Name, msg)
							}
						}
					}
					if len(spoke) != 1 {
						t.Errorf("%s: %v speak", fmt.Sprintf("kind %d, sort %d, class %d, loop %t", kind, sort, class, loop != nil), spoke)
					}
				}
			}
		}
	}
}

// Each sort of fault is reported by exactly one rule, and no rule waits for one
// that nobody finds.
func TestEveryFaultHasOneRule(t *testing.T) {
	var reported []hazard.FaultSort
	for _, r := range rules.All() {
		if r.Match == nil && len(r.Faults) == 0 {
			t.Errorf("%s reports nothing", r.Name)
		}
		reported = append(reported, r.Faults...)
	}
	found := hazard.FaultSorts()
	slices.Sort(reported)
	slices.Sort(found)
	if !slices.Equal(reported, found) {
		t.Errorf("reported are %v, found are %v", reported, found)
	}
}
