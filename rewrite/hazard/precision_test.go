package hazard_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
)

var stdSource = importer.ForCompiler(token.NewFileSet(), "source", nil)

// levelsByLine returns the level that each line of a file of package example.com/p is
// observed at.
func levelsByLine(t *testing.T, src string) map[int]hazard.Level {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", src, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Implicits: map[ast.Node]types.Object{}, Scopes: map[ast.Node]*types.Scope{},
		Instances: map[*ast.Ident]types.Instance{}, FileVersions: map[*ast.File]string{},
	}
	conf := types.Config{Importer: stdSource, FakeImportC: true}
	pkg, err := conf.Check("example.com/p", fset, []*ast.File{f}, info)
	if err != nil {
		t.Fatal(err)
	}
	in := []source.Input{{Name: "p.go", Syntax: f, Content: []byte(src)}}
	p := summary.Analyze(source.New(fset, source.Config{Path: pkg.Path()}, pkg, info, in, nil), nil)
	got := map[int]hazard.Level{}
	for _, o := range hazard.Observe(p) {
		line := fset.Position(o.Op.Node.Pos()).Line
		got[line] = max(got[line], o.Level)
	}
	return got
}

// surroundings: S is what the methods under test hang on.
const surroundings = `package p

import ("C"; "context"; "fmt"; "io"; "slices"; "sync")

var _ context.Context
var _ io.Closer
var _ fmt.Stringer
var _ = slices.Max[[]int]

type S struct {
	mu  sync.Mutex
	rmu sync.RWMutex
	ch  chan int
	n   int
	wg  sync.WaitGroup
	once sync.Once
	%s
}

func (s *S) other() { s.mu.Lock(); s.n++; s.mu.Unlock() }
`

var precisionCases = []struct {
	claim string
	field string // of S, and what follows its type
	code  string // the line to judge ends in "// here"
	want  hazard.Level
}{
	{"an event of a listener is foreign", "l Listener", `type Listener interface{ OnClose(int) }
func (s *S) f() {
	s.mu.Lock()
	s.l.OnClose(1) // here
	s.mu.Unlock()
}`, hazard.Hazard},
	{"closing an object of an interface is foreign", "c Stream", `type Stream interface{ Close() error; Send(int) error }
func (s *S) f() {
	s.mu.Lock()
	s.c.Close() // here
	s.mu.Unlock()
}`, hazard.Hazard},
	{"closing a file is not", "c io.Closer", `func (s *S) f() {
	s.mu.Lock()
	s.c.Close() // here
	s.mu.Unlock()
}`, hazard.Silent},
	{"closing an interface that embeds io.Closer is foreign", "c Session", `type Session interface{ io.Closer; ID() string }
func (s *S) f() {
	s.mu.Lock()
	s.c.Close() // here
	s.mu.Unlock()
}`, hazard.Hazard},
	{"a getter of several words is plain", "h Host", `type Host interface{ ConnManager() any; Peerstore() any }
func (s *S) f() {
	s.mu.Lock()
	_ = s.h.ConnManager() // here
	s.mu.Unlock()
}`, hazard.Silent},
	{"a store is slow at worst", "b Backend", `type Backend interface{ DeleteAlarm(int) error }
func (s *S) f() {
	s.mu.Lock()
	s.b.DeleteAlarm(1) // here
	s.mu.Unlock()
}`, hazard.Contention},
	{"a store is waited for when it is closed", "b Backend", `type Backend interface{ Close() error }
func (s *S) f() {
	s.mu.Lock()
	s.b.Close() // here
	s.mu.Unlock()
}`, hazard.Hazard},
	{"an iterator is plain", "it Iter", `type Iter interface{ Next() bool; Err() error }
func (s *S) f() {
	s.mu.Lock()
	for s.it.Next() { // here
	}
	s.mu.Unlock()
}`, hazard.Silent},
	{"what is given a context ends with it", "r Resolver", `type Resolver interface{ Resolve(context.Context, string) (string, error) }
func (s *S) f(ctx context.Context) {
	s.mu.Lock()
	s.r.Resolve(ctx, "x") // here
	s.mu.Unlock()
}`, hazard.Contention},
	{"methods of the locked object are what the lock is for", "", `type Tx interface{ Lock(); Unlock(); Remove(int) }
func f(tx Tx) {
	tx.Lock()
	tx.Remove(1) // here
	tx.Unlock()
}`, hazard.Silent},
	{"so are they in a helper that is given the object", "", `type Tx interface{ Lock(); Unlock(); Remove(int) }
func helper(tx Tx) { tx.Remove(1) }
func begin() Tx { return nil }
func f() {
	tx := begin()
	tx.Lock()
	helper(tx) // here
	tx.Unlock()
}`, hazard.Silent},
	{"a view for readers is a lock with RLock and RUnlock alone", "cb func()", `type ReadTx interface{ RLock(); RUnlock() }
func (s *S) f(tx ReadTx) {
	tx.RLock()
	s.cb() // here
	tx.RUnlock()
}`, hazard.Hazard},
	{"a function parameter is foreign", "", `func (s *S) f(match func(int) bool) {
	s.mu.Lock()
	match(s.n) // here
	s.mu.Unlock()
}`, hazard.Hazard},
	{"an option of a constructor is not", "", `type Option func(*S)
func (s *S) f(opts ...Option) {
	s.mu.Lock()
	for _, opt := range opts {
		opt(s) // here
	}
	s.mu.Unlock()
}`, hazard.Silent},
	{"a factory is by custom harmless", "newLoop func(int) *S", `func (s *S) f() {
	s.mu.Lock()
	s.newLoop(1) // here
	s.mu.Unlock()
}`, hazard.Contention},
	{"a stored cancel function is not", "cancel func()", `func (s *S) f() {
	s.mu.Lock()
	s.cancel() // here
	s.mu.Unlock()
}`, hazard.Silent},
	{"a callback that takes a context is foreign, whatever it returns", "", `func (s *S) f(ctx context.Context, syncFn func(context.Context) ([]int, error)) {
	s.mu.Lock()
	syncFn(ctx) // here
	s.mu.Unlock()
}`, hazard.Hazard},
	{"a package variable is the function that it was given", "", `var step = func() int { return 1 }
func SetStep(f func() int) { step = f }
func (s *S) f() {
	s.mu.Lock()
	step() // here
	s.mu.Unlock()
}`, hazard.Silent},
	{"the nearest holder of a lock reports", "cb func()", `func (s *S) Inner() {
	s.rmu.Lock()
	defer s.rmu.Unlock()
	s.cb()
}
func (s *S) f() {
	s.mu.Lock()
	s.Inner() // here
	s.mu.Unlock()
}`, hazard.Contention},
	{"a chain of four calls convinces nobody", "cb func()", `func (s *S) A() { s.B() }
func (s *S) B() { s.C() }
func (s *S) C() { s.D() }
func (s *S) D() { s.cb() }
func (s *S) f() {
	s.mu.Lock()
	s.A() // here
	s.mu.Unlock()
}`, hazard.Silent},
	{"a chain of three does", "cb func()", `func (s *S) B() { s.C() }
func (s *S) C() { s.D() }
func (s *S) D() { s.cb() }
func (s *S) f() {
	s.mu.Lock()
	s.B() // here
	s.mu.Unlock()
}`, hazard.Hazard},
	{"a test double says nothing of the call", "w Waiter", `type Waiter interface{ Value() int; Take() int }
type mockWaiter struct{ ch chan int }
func (m *mockWaiter) Value() int { return <-m.ch }
func (m *mockWaiter) Take() int { return <-m.ch }
func (s *S) f() {
	s.mu.Lock()
	s.w.Take() // here
	s.mu.Unlock()
}`, hazard.Silent},
	{"telling the owner of an event is foreign when the owner locks", "", `type sender interface{ onDone(int); seal() }
type owner struct{ mu sync.Mutex; n int }
func (o *owner) onDone(n int) { o.mu.Lock(); o.n = n; o.mu.Unlock() }
func (o *owner) seal() {}
type T struct{ mu sync.Mutex; s sender }
func (t *T) f() {
	t.mu.Lock()
	t.s.onDone(1) // here
	t.mu.Unlock()
}`, hazard.Hazard},
	{"what defers the release of a lock first is called with it", "c Stream", `type Stream interface{ Close() error }
func (s *S) Start() *S { s.mu.Lock(); return s }
func (s *S) Finish() {
	defer s.mu.Unlock()
	s.c.Close() // here
}`, hazard.Hazard},
	{"a comment that other code is locked says nothing of the caller", "c Stream", `type Stream interface{ Close() error }
// f runs the limiter on another goroutine while send flow control accounting is locked.
func (s *S) f() {
	s.c.Close() // here
}`, hazard.Silent},
	{"a comment that begins with the lock held does", "c Stream", `type Stream interface{ Close() error }
// f closes the stream, with mu held.
func (s *S) f() {
	s.c.Close() // here
}`, hazard.Hazard},
	{"a helper that unlocks around the wait does not wait under the lock", "", `func (s *S) f() {
	s.mu.Lock()
	s.wait() // here
	s.mu.Unlock()
}
func (s *S) wait() {
	for s.n == 0 {
		s.mu.Unlock()
		<-s.ch
		s.mu.Lock()
	}
}`, hazard.Silent},
	{"closing once what one owns is what a Once is for", "c Stream", `type Stream interface{ Close() error }
func (s *S) f() {
	s.once.Do(func() {
		s.c.Close() // here
	})
}`, hazard.Silent},
	{"what a Once runs is what it is for", "onClose func()", `func (s *S) f() {
	s.once.Do(func() {
		s.onClose() // here
	})
}`, hazard.Silent},
	{"a comparator comes by the back door", "", `func (s *S) f(q []int, less func(a, b int) int) {
	s.mu.Lock()
	slices.SortFunc(q, less) // here
	s.mu.Unlock()
}`, hazard.Contention},
	{"so does a function that only computes", "", `func (s *S) f(less func(a, b int) bool) {
	s.mu.Lock()
	less(1, 2) // here
	s.mu.Unlock()
}`, hazard.Contention},
	{"so does what shows a value of an interface", "", `func (s *S) f(x fmt.Stringer) {
	s.mu.Lock()
	fmt.Println(x) // here
	s.mu.Unlock()
}`, hazard.Contention},
	{"what shows a number runs nothing", "", `func (s *S) f(x fmt.Stringer) {
	s.mu.Lock()
	fmt.Printf("%d %p", s.n, x) // here
	s.mu.Unlock()
}`, hazard.Silent},
	{"nor does what shows an error", "", `func (s *S) f(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Errorf("f: %w", err) // here
}`, hazard.Silent},
	{"what runs a function for each entry of a sync.Map", "", `func (s *S) f(m *sync.Map, each func(k, v any) bool) {
	s.mu.Lock()
	m.Range(each) // here
	s.mu.Unlock()
}`, hazard.Hazard},
	{"a view runs only the function it is given", "", `type peers interface { ViewPeer(id int, f func(name string) error) error }
func (s *S) f(p peers) {
	s.mu.Lock()
	p.ViewPeer(s.n, func(name string) error { return nil }) // here
	s.mu.Unlock()
}`, hazard.Silent},
	{"a field that only ever gets a cancel function is one", "closed func()", `func mk() *S {
	_, cancel := context.WithCancel(context.Background())
	return &S{closed: cancel}
}
func (s *S) f() {
	s.mu.Lock()
	s.closed() // here
	s.mu.Unlock()
}`, hazard.Silent},
	{"one that gets something else too is not", "closed func()", `func mk(other func()) *S {
	_, cancel := context.WithCancel(context.Background())
	s := &S{closed: cancel}
	s.closed = other
	return s
}
func (s *S) f() {
	s.mu.Lock()
	s.closed() // here
	s.mu.Unlock()
}`, hazard.Hazard},
	{"what is taken from a channel is put back", "turn chan int", `func mk() *S { s := &S{turn: make(chan int, 1)}; s.turn <- 1; return s }
func (s *S) f() {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := <-s.turn
	s.turn <- x + 1 // here
}`, hazard.Contention},
	{"to take one's turn is to acquire it", "turn chan int", `func mk() *S { s := &S{turn: make(chan int, 1)}; s.turn <- 1; return s }
func (s *S) f() {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := <-s.turn // here
	defer func() { s.turn <- x + 1 }()
}`, hazard.Contention},
	{"a channel without room is no turn", "turn chan int", `func mk() *S { return &S{turn: make(chan int)} }
func (s *S) f() {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := <-s.turn
	s.turn <- x + 1 // here
}`, hazard.Hazard},
	{"a channel that was made just before has its room", "told chan int", `func (s *S) f() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.told == nil {
		s.told = make(chan int, 1)
		s.told <- s.n // here
	}
}
func (s *S) g() { s.told <- 2 }`, hazard.Contention},
	{"a channel that was made just before may not have room for all", "told chan int", `func (s *S) f(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = make(chan int, n)
	for _, x := range []int{1, 2} {
		s.told <- x // here
	}
}
func (s *S) g() { s.told <- 2 }`, hazard.Hazard},
	{"a flag of what was looked up lets one through", "m map[int]*W", `type W struct { ch chan int; full bool }
func (s *S) add() { s.mu.Lock(); s.m[1] = &W{ch: make(chan int, 1)}; s.mu.Unlock() }
func (s *S) f() {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, ok := s.m[s.n]
	if ok && !w.full {
		w.ch <- s.n // here
		w.full = true
	}
}`, hazard.Contention},
	{"one that is taken back does not", "m map[int]*W", `type W struct { ch chan int; full bool }
func (s *S) add() { s.mu.Lock(); s.m[1] = &W{ch: make(chan int, 1)}; s.m[2].full = false; s.mu.Unlock() }
func (s *S) f() {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, ok := s.m[s.n]
	if ok && !w.full {
		w.ch <- s.n // here
		w.full = true
	}
}`, hazard.Hazard},
	{"a condition gives up its own lock, by whatever name", "cond *sync.Cond", `func mk() *S { s := &S{}; s.cond = sync.NewCond(&s.mu); return s }
func (s *S) f() {
	s.cond.L.Lock()
	for s.n > 0 {
		s.cond.Wait() // here
	}
	s.cond.L.Unlock()
}`, hazard.Silent},
	{"C code comes back for no lock", "", `func (s *S) f(p *int) {
	s.mu.Lock()
	s.n = int(C.open((*C.char)(p))) // here
	s.mu.Unlock()
}`, hazard.Silent},
	{"a receive from ctx.Done() alone waits for whoever cancels", "", `func (s *S) f(ctx context.Context) {
	s.mu.Lock()
	<-ctx.Done() // here
	s.mu.Unlock()
}`, hazard.Hazard},
	{"ctx.Done() as the alternative ends a wait", "", `func (s *S) f(ctx context.Context) {
	s.mu.Lock()
	select { // here
	case <-ctx.Done():
	case v := <-s.ch:
		s.n = v
	}
	s.mu.Unlock()
}`, hazard.Contention},
	{"the object's own quit channel does not end it", "quit chan struct{}", `func (s *S) f() {
	s.mu.Lock()
	select { // here
	case <-s.quit:
	case v := <-s.ch:
		s.n = v
	}
	s.mu.Unlock()
}`, hazard.Hazard},
	{"a lock that is taken here only serialises what is done here", "joinMu sync.Mutex", `func (s *S) f() {
	s.joinMu.Lock()
	<-s.ch // here
	s.joinMu.Unlock()
}`, hazard.Contention},
	{"workers that only read their input end by themselves", "", `func (s *S) f() {
	s.mu.Lock()
	defer s.mu.Unlock()
	work := make(chan int)
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for range work {
		}
	}()
	work <- 1
	close(work)
	wg.Wait() // here
}`, hazard.Contention},
	{"workers that wait for others do not", "in chan int", `func (s *S) f() {
	s.mu.Lock()
	defer s.mu.Unlock()
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		<-s.in
	}()
	wg.Wait() // here
}
func (s *S) g() { s.f(); s.other() }`, hazard.Hazard},
	{"a goroutine that is stopped by a callee and never takes the lock", "w *worker", `type worker struct{ quit, done chan struct{} }
func New() *S {
	s := &S{w: &worker{quit: make(chan struct{}), done: make(chan struct{})}}
	go s.w.run()
	return s
}
func (w *worker) run() { <-w.quit; close(w.done) }
func (w *worker) stop() { close(w.quit); <-w.done }
func (s *S) F() {
	s.mu.Lock()
	s.w.stop() // here
	s.n = 1
	s.mu.Unlock()
}
func (s *S) G() { s.mu.Lock(); s.n = 2; s.w.stop(); s.mu.Unlock() }
func H(w *worker) { w.stop() }`, hazard.Contention},
	{"what the same body opened nobody else has", "", `type Stream interface{ Close() error }
func OpenStream() Stream { return nil }
func (s *S) f() {
	s.mu.Lock()
	st := OpenStream()
	st.Close() // here
	s.mu.Unlock()
}`, hazard.Contention},
	{"what is scheduled runs elsewhere", "q Scheduler", `type Scheduler interface{ Schedule(int) }
func (s *S) f() {
	s.mu.Lock()
	s.q.Schedule(1) // here
	s.mu.Unlock()
}`, hazard.Silent},
	{"nor is a literal's parameter foreign when its calls are seen", "", `func (s *S) f() {
	s.mu.Lock()
	each := func(f func(int)) { f(1) }
	each(func(n int) { s.n = n }) // here
	s.mu.Unlock()
}`, hazard.Silent},
}

func TestLevelOfOneOperation(t *testing.T) {
	for _, c := range precisionCases {
		t.Run(c.claim, func(t *testing.T) {
			src := fmt.Sprintf(surroundings, c.field) + c.code
			before, _, ok := strings.Cut(src, "// here")
			if !ok {
				t.Fatal("no line is marked")
			}
			line := strings.Count(before, "\n") + 1
			if got := levelsByLine(t, src)[line]; got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
