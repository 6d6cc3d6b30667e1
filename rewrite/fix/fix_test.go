package fix_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// object is what the small programs of the tests work on. Its channels carry
// nothing and are never closed, so that only the predicate under test decides.
const object = `
type S struct {
	mu     sync.Mutex
	n      int
	loose  int // written without the lock
	limit  int // never written
	m      map[string]int
	list   []*W
	any    any
	ready  chan struct{}
	done   atomic.Bool
	w      *W
}
type W struct { ready chan struct{}; n, loose int }
func NewS(limit int) *S { return &S{ready: make(chan struct{}), limit: limit} }
func NewW() *W { return &W{ready: make(chan struct{})} }
func (s *S) receive() { <-s.ready }
func (w *W) receive() { <-w.ready }
func (s *S) write() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	s.any = s.n
	s.w.n++
	s.m["x"]++
	s.list = append(s.list, s.w)
}
func (s *S) writeLoose() { s.loose++; s.w.loose++ }
func (s *S) count() int { return s.n }
func (s *S) countLoose() int { return s.loose }
func big(p *int) bool { return *p > 3 }
func exit() { panic("x") }
var _ sync.Once
`

// decide plans the edit of the one section of a method Do with a body.
func decide(t *testing.T, body string) (*fix.Plan, []fix.Refusal) {
	t.Helper()
	p := check.Package(t, object+"func (s *S) Do(w *W, c bool, p *int) {\n"+body+"\n}\n")
	var obs []*hazard.Observation
	for _, o := range hazard.Observe(summary.Analyze(p, nil)) {
		if o.Level >= hazard.Hazard && strings.HasSuffix(o.Body.Obj.Name(), "Do") {
			obs = append(obs, o)
		}
	}
	if len(obs) == 0 {
		t.Fatal("nothing is observed")
	}
	return fix.Decide(obs)
}

// verdict spells a decision: "safe", "assumed order", "trailing" for a refusal.
func verdict(plan *fix.Plan, refusals []fix.Refusal) string {
	if plan == nil {
		var names []string
		for _, r := range refusals {
			if !slices.Contains(names, r.Obligation.Name) {
				names = append(names, r.Obligation.Name)
			}
		}
		return strings.Join(names, " ")
	}
	var names []string
	for _, o := range plan.Obligations {
		if o.Status != fix.Proved {
			names = append(names, o.Name)
		}
	}
	if len(names) == 0 {
		return "safe"
	}
	return "assumed " + strings.Join(names, " ")
}

// What stays behind a send reads nothing that the receiver may have written.
func TestWhatStaysIsCalm(t *testing.T) {
	for _, tt := range []struct{ claim, stays, want string }{
		{"a field that is written under the lock only", "s.n = 0", "safe"},
		{"a field that is never written", "s.n = s.limit", "safe"},
		{"a local variable", "n := 3; n++; _ = n", "safe"},
		{"an element of a collection that is written under the lock only", "s.n = s.m[\"x\"]", "safe"},
		{"a field of another object that is written under the lock only", "s.n = w.n", "safe"},
		{"a method that reads what the lock guards", "s.n = s.count()", "safe"},
		{"a field that is written without the lock", "s.n = s.loose", "assumed exclusion"},
		{"a field of another object that is written without the lock", "s.n = w.loose", "assumed exclusion"},
		{"a method that reads such a field", "s.n = s.countLoose()", "assumed exclusion"},
		{"what a pointer leads to", "s.n = *p", "trailing"},
		{"an atomic variable", "s.done.Store(true)", "trailing"},
		{"a call that panics", "if c { exit() }", "trailing"},
		{"the end of the program", "if c { os.Exit(1) }", "trailing"},
		{"a loop that may not end", "for s.n < 3 { }", "trailing"},
		{"the length of a channel", "s.n = len(s.ready)", "trailing"},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			got := verdict(decide(t, "s.mu.Lock()\ns.n++\ns.ready <- struct{}{}\n"+tt.stays+"\ns.mu.Unlock()"))
			if !strings.HasPrefix(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// What leaves with a send reads nothing later that may have changed.
func TestWhatLeavesIsSteady(t *testing.T) {
	for _, tt := range []struct{ claim, cond, want, strategy string }{
		{"a parameter", "c", "safe", "move"},
		{"a field that is never written", "s.limit > 3", "safe", "move"},
		{"a guarded field is captured", "s.n > 3", "assumed liveness", "move"},
		{"an element is captured", "s.m[\"x\"] > 3", "assumed liveness", "move"},
		{"what a pointer leads to is captured", "*p > 3", "assumed liveness", "move"},
		{"a type assertion", "s.any.(int) > 3", "assumed liveness", "move"},
		{"an atomic variable", "s.done.Load()", "operands", ""},
		{"a method that reads what the lock guards", "s.count() > 3", "assumed liveness", "gather"},
		{"a method that reads another field", "s.countLoose() > 3", "assumed liveness exclusion", "gather"},
		{"a function that follows a pointer", "big(p)", "assumed not-needed", "move"},
		{"a recover", "recover() == nil", "safe", "gather"},
		{"a literal", "func() bool { return s.n > 3 }()", "", ""},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			plan, refusals := decide(t, "s.mu.Lock()\ns.n++\nif "+tt.cond+" {\ns.ready <- struct{}{}\n}\ns.mu.Unlock()")
			got := verdict(plan, refusals)
			if !strings.HasPrefix(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if plan != nil && tt.strategy != "" && plan.Strategy != tt.strategy {
				t.Errorf("strategy %q, want %q", plan.Strategy, tt.strategy)
			}
		})
	}
}

// A deferred release becomes explicit only where nothing that stays can panic.
func TestWhatPanicsKeepsTheReleaseDeferred(t *testing.T) {
	for _, tt := range []struct{ claim, stays, want string }{
		{"an increment", "s.n++", "move"},
		{"a read of a map", "s.n = s.m[\"x\"]", "move"},
		{"an append", "s.list = append(s.list, w)", "move"},
		{"a division by a constant", "s.n /= 3", "move"},
		{"a comparison with nil", "if s.any == nil { s.n++ }", "move"},
		{"a comparison of interfaces", "if s.any == any(s) { s.n++ }", "deferred wake"},
		{"a write to a map", "s.m[\"x\"] = 1", "deferred wake"},
		{"an index", "s.list[0] = nil", "deferred wake"},
		{"a type assertion", "s.n = s.any.(int)", "deferred wake"},
		{"a division", "s.n /= s.limit", "deferred wake"},
		{"a nil pointer", "w.n = 3", "deferred wake"},
		{"a conversion to an array", "a := [4]*W(s.list); _ = a", "deferred wake"},
		{"a key that may not be comparable", "delete(map[any]int{}, s.any)", "deferred wake"},
		{"a remainder", "s.n = 3 % s.limit", "deferred wake"},
		{"a shift in place", "s.n <<= s.limit", "deferred wake"},
		{"a shift", "s.n = 1 << s.limit", "deferred wake"},
		{"a call", "s.count()", "deferred wake"},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			plan, refusals := decide(t, "s.mu.Lock()\ndefer s.mu.Unlock()\n"+tt.stays+"\ns.ready <- struct{}{}")
			if plan == nil {
				t.Fatalf("refused: %s", verdict(plan, refusals))
			}
			if plan.Strategy != tt.want {
				t.Errorf("strategy %q, want %q", plan.Strategy, tt.want)
			}
		})
	}
}

// A collection is taken only where nobody else holds it, else cloned.
func TestWhatIsTakenIsHeldByNobodyElse(t *testing.T) {
	const loop = "for _, w := range s.list {\nw.ready <- struct{}{}\n}\n"
	for _, tt := range []struct{ claim, more, body, want string }{
		{"it is emptied", "", loop + "s.list = nil", "take"},
		{"it stays", "", loop, "clone"},
		{"another field holds it", "func (s *S) keep() { s.mu.Lock(); s.any = s.list; s.mu.Unlock() }", loop + "s.list = nil", "clone"},
		{"a caller gets it", "func (s *S) all() []*W { s.mu.Lock(); defer s.mu.Unlock(); return s.list }", loop + "s.list = nil", "clone"},
		{"its address is known", "func (s *S) at() **W { return &s.list[0] }", loop + "s.list = nil", "clone"},
		{"others only look into it", "func (s *S) len() int { s.mu.Lock(); defer s.mu.Unlock(); return len(s.list) }", loop + "s.list = nil", "take"},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			plan, refusals := decide(t, "s.mu.Lock()\n"+tt.body+"\ns.mu.Unlock()\n}\n"+tt.more+"\nfunc end() {")
			if plan == nil {
				t.Fatalf("refused: %s", verdict(plan, refusals))
			}
			if plan.Strategy != tt.want {
				t.Errorf("strategy %q, want %q", plan.Strategy, tt.want)
			}
		})
	}
}
