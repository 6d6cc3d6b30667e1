package syncapi

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"strings"
	"testing"
)

// check type-checks a file of package p; named packages come from imp.
func check(t *testing.T, imp types.Importer, src string) (*ast.File, *types.Info) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{
		Uses:       map[*ast.Ident]types.Object{},
		Types:      map[ast.Expr]types.TypeAndValue{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	conf := types.Config{Importer: imp}
	if _, err := conf.Check("p", fset, []*ast.File{f}, info); err != nil {
		t.Fatal(err)
	}
	return f, info
}

// lookupCalls returns what the table says of the outermost call of each function.
func lookupCalls(f *ast.File, info *types.Info) map[string]Entry {
	got := map[string]Entry{}
	for _, d := range f.Decls {
		fd, ok := d.(*ast.FuncDecl)
		if !ok || len(fd.Body.List) == 0 {
			continue
		}
		call := fd.Body.List[0].(*ast.ExprStmt).X.(*ast.CallExpr)
		fn, recv := callee(info, call)
		if e, ok := LookupOn(recv, fn); ok {
			got[fd.Name.Name] = e
		}
	}
	return got
}

func callee(info *types.Info, call *ast.CallExpr) (*types.Func, types.Type) {
	fun := ast.Unparen(call.Fun)
	if ix, ok := fun.(*ast.IndexExpr); ok {
		fun = ix.X
	}
	switch fun := fun.(type) {
	case *ast.SelectorExpr:
		fn, _ := info.Uses[fun.Sel].(*types.Func)
		if sel := info.Selections[fun]; sel != nil {
			return fn, sel.Recv()
		}
		return fn, nil
	case *ast.Ident:
		fn, _ := info.Uses[fun].(*types.Func)
		return fn, nil
	}
	return nil, nil
}

var entries = []struct {
	claim string
	vars  string // parameters of the function around the call
	call  string
	want  Entry
}{
	{"locks a mutex", "m *sync.Mutex", "m.Lock()", Entry{Kind: Acquire, Class: Locks, Operand: -1, What: "waits for the lock"}},
	{"locks an embedded mutex", "m *struct{ sync.Mutex }", "m.Lock()", Entry{Kind: Acquire, Class: Locks, Operand: -1, What: "waits for the lock"}},
	{"locks through the interface", "m sync.Locker", "m.Lock()", Entry{Kind: Acquire, Class: Locks, Operand: -1, What: "waits for the lock"}},
	{"read-unlocks", "m *sync.RWMutex", "m.RUnlock()", Entry{Kind: Release, Mode: Read, Class: Plain, Operand: -1}},
	{"tries to read-lock", "m *sync.RWMutex", "m.TryRLock()", Entry{Kind: Try, Mode: Read, Class: Plain, Operand: -1}},
	{"waits for a group", "g *sync.WaitGroup", "g.Wait()", Entry{Kind: Wait, Class: Waits, Operand: -1, What: "waits for the group"}},
	{"starts a goroutine", "g *sync.WaitGroup", "g.Go(func() {})", Entry{Class: Plain, Operand: -1, Starts: []int{0}}},
	{"wakes a group", "g *sync.WaitGroup", "g.Done()", Entry{Kind: Wake, Class: Plain, Operand: -1}},
	{"waits for a signal", "c *sync.Cond", "c.Wait()", Entry{Kind: CondWait, Class: Waits, Operand: -1, What: "waits for a signal"}},
	{"runs once", "o *sync.Once", "o.Do(func() {})", Entry{Kind: Once, Class: Locks, Operand: -1, Sync: []int{0}, What: "waits for the first call to end"}},
	{"method of a generic type", "p *atomic.Pointer[int]", "p.Load()", Entry{Class: Plain, Operand: -1}},
	{"generic function instantiated", "s []int", "slices.SortFunc[[]int](s, nil)", Entry{Class: Plain, Sync: []int{1}}},
	{"a comparator runs at once", "s []int", "sort.Slice(s, func(i, j int) bool { return false })", Entry{Class: Plain, Sync: []int{1}}},
	{"a mapping runs at once", "", "strings.Map(nil, ``)", Entry{Class: Pure, Sync: []int{0}}},
	{"an iterator is no callback", "m map[int]int", "slices.Collect(maps.Values(m))", Entry{Class: Plain}},
	{"a timer starts", "", "time.AfterFunc(1, func() {})", Entry{Class: Plain, Starts: []int{1}}},
	{"sleeps", "", "time.Sleep(1)", Entry{Kind: Sleep, Class: Outside, What: "sleeps"}},
	{"a context is asked", "c context.Context", "c.Done()", Entry{Class: Plain, Operand: -1}},
	{"an error is asked", "e error", "e.Error()", Entry{Class: Plain, Operand: -1}},
	{"formats", "", "fmt.Sprintf(``)", Entry{Class: Plain}},
	{"hashes although hash.Hash is an io.Writer", "h hash.Hash", "h.Write(nil)", Entry{Class: Plain, Operand: -1}},
	{"writes to something", "w io.Writer", "w.Write(nil)", Entry{Kind: IO, Class: Outside, Operand: -1, What: aWriter}},
	{"reads from an embedded interface", "r io.ReadCloser", "r.Read(nil)", Entry{Kind: IO, Class: Outside, Operand: -1, What: aReader}},
	{"reads from a connection", "c net.Conn", "c.Read(nil)", Entry{Kind: IO, Class: Outside, Operand: -1, Network: true, What: aPeer}},
	{"reads from a TCP connection", "c *net.TCPConn", "c.Read(nil)", Entry{Kind: IO, Class: Outside, Operand: -1, Network: true, What: aPeer}},
	{"closes a connection", "c net.Conn", "c.Close()", Entry{Class: Plain, Operand: -1}},
	{"a context bounds a dial", "d *net.Dialer, c context.Context", "d.DialContext(c, ``, ``)", Entry{Kind: IO, Class: Outside, Operand: -1, Network: true, Bounded: true, What: aPeer}},
	{"a context bounds a shutdown", "s *http.Server, c context.Context", "s.Shutdown(c)", Entry{Kind: Wait, Class: Waits, Operand: -1, Bounded: true, What: "waits for the requests in flight"}},
	{"a handler is kept", "", "http.HandleFunc(``, nil)", Entry{Class: Plain, Starts: []int{1}}},
	{"a file is read", "", "os.ReadFile(``)", Entry{Kind: IO, Class: Outside, What: aFile}},
	{"walks and calls back", "", "filepath.WalkDir(``, nil)", Entry{Kind: IO, Class: Outside, Sync: []int{1}, What: aFile}},
	{"waits for a process", "c *exec.Cmd", "c.Run()", Entry{Kind: Wait, Class: Outside, Operand: -1, What: aProc}},
	{"ends the program", "", "log.Fatalf(``)", Entry{Class: Plain, NoReturn: true}},
	{"ends the test", "t *testing.T", "t.Fatal()", Entry{Class: Plain, Operand: -1, NoReturn: true}},
	{"calls through reflection", "v reflect.Value", "v.Call(nil)", Entry{Class: Foreign, Operand: -1, What: "runs code given from outside"}},
}

var unknown = []struct{ claim, vars, call string }{
	{"closing what embeds io.Closer is foreign code", "c interface{ io.Closer; ID() string }", "c.Close()"},
	{"a handler of std's interface is foreign code", "v ast.Visitor", "v.Visit(nil)"},
	{"the package's own", "", "own()"},
}

// program writes one function a row, named by its index and kind.
func program() string {
	var b strings.Builder
	b.WriteString("package p\n\nimport (\n")
	for _, path := range []string{"context", "fmt", "go/ast", "hash", "io", "log", "maps", "net", "net/http", "os", "os/exec",
		"path/filepath", "reflect", "slices", "sort", "strings", "sync", "sync/atomic", "testing", "time"} {
		fmt.Fprintf(&b, "\t%q\n", path)
	}
	b.WriteString(")\n\nfunc own() {}\n\n")
	for i, r := range entries {
		fmt.Fprintf(&b, "func known%d(%s) { %s }\n", i, r.vars, r.call)
	}
	for i, r := range unknown {
		fmt.Fprintf(&b, "func unknown%d(%s) { %s }\n", i, r.vars, r.call)
	}
	return b.String()
}

// Interfaces read from export data do not know their names: both importers
// have to give the same answers.
func TestLookup(t *testing.T) {
	for from, imp := range map[string]types.Importer{
		"source":      fromSource,
		"export data": fromExport,
	} {
		t.Run(from, func(t *testing.T) {
			got := lookupCalls(check(t, imp, program()))
			for i, r := range entries {
				if e := got[fmt.Sprintf("known%d", i)]; !reflect.DeepEqual(e, r.want) {
					t.Errorf("%s: %s\n got %+v\nwant %+v", r.claim, r.call, e, r.want)
				}
			}
			for i, r := range unknown {
				if e, ok := got[fmt.Sprintf("unknown%d", i)]; ok {
					t.Errorf("%s: %s has an entry: %+v", r.claim, r.call, e)
				}
			}
		})
	}
}
