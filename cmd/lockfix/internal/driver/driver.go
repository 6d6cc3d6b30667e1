package driver

import (
	"bytes"
	"context"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// A Config says what to load and what to do with it.
type Config struct {
	Dir       string   // directory that patterns are relative to, absolute
	Patterns  []string // packages, files or "work"; none: "./..."
	Tests     bool     // test files too
	Tags      string   // build tags, separated by commas
	Jobs      int      // packages at a time; 0: one a processor
	Summarize func(*source.Package, rewrite.Facts) *summary.Package

	// Visit is called once for each package that the patterns match, after all
	// packages that it imports, from several goroutines. The package that it
	// returns stands for the visited one in all packages that import it. If it is
	// the same one, keep is what Recall will be called with.
	Visit func(*Unit) (after *summary.Package, keep []byte)

	// Recall is called instead of Visit with what an earlier Visit has kept, by the
	// same Analysis and Purpose, of a package whose source is the same and that of
	// all that it imports; not where Visit kept an empty list, which says that there
	// is nothing to recall. What it returns is called next, if all else can be recalled
	// too that has to be. When it returns nil, this is not enough, and Visit is called.
	Recall func(u *Unit, kept []byte) (tell func())

	// Overlay has the contents of files that differ from disk, by absolute name: what
	// an editor has open. What is found out of them is not stored.
	Overlay map[string][]byte

	Session  *Session     // of earlier runs in this process; nil: none
	Store    *store.Store // of earlier runs; nil: of this one only
	Analysis string       // stands for Summarize: what is stored by another one is not used
	Purpose  string       // stands for Visit likewise

	// Listed is called with the directories of the packages that the patterns
	// match, before any file is read. When it says that it changed files there,
	// they are listed again. It may be nil.
	Listed func(dirs []string) (changed bool)

	// Loaded is called with the types of each package of the program when it is
	// checked, those that are only imported included, from several goroutines. What
	// it makes of them is kept; Noted is called with it, by this run and by later
	// ones. Both may be nil.
	Loaded func(*types.Package) map[string]string
	Noted  func(map[string]string)

	Remark func(string) // what a user should know that is not an error

	shuffle func([]*task) // what is preferred: for tests

	// Progress is called after each package, from several goroutines: a count
	// may come after a higher one. It may be nil.
	Progress func(done, total int)
	// Computes is called, likewise, before a package is computed that is not in the
	// store, with how many packages the run has; it may be nil.
	Computes func(all int)
}

// A Unit is a package that was asked for.
type Unit struct {
	*summary.Package // nil when it is recalled
	Facts            rewrite.Facts

	files map[string]bool
	node  *node
	world *world
	own   *layout
}

// Dir is the directory of the package.
func (u *Unit) Dir() string { return u.node.meta.Dir }

// Place puts a position in relation to what it stands in, for what Visit keeps:
// one in another package would not hold.
func (u *Unit) Place(at token.Position) Place {
	p := u.world.place(u.node, u.own, at)
	u.world.named.Store(p.Package, true)
	return p
}

// Locate finds a place again. The position is zero if it is not known any more.
func (u *Unit) Locate(p Place) token.Position {
	u.world.named.Store(p.Package, true)
	return u.world.locate(p)
}

// Owns reports whether findings in a file are this unit's to report: the file
// was asked for, and no other package reports it already.
func (u *Unit) Owns(file string) bool { return u.files[file] }

// A Problem is why something was not analysed, or not whole.
type Problem struct {
	Pos     token.Position // zero if there is no place
	Package string         // import path, "" if there is none
	Message string
	Fault   bool   // lockfix's own
	Stack   string // of a fault
}

// A Result says what a run has seen.
type Result struct {
	Packages int      // that were asked for and analysed
	Files    []string // that were asked for, links resolved, sorted
	Problems []Problem
	Stats    Stats
}

// complete gives what a configuration leaves open its value.
func (c Config) complete() Config {
	if c.Jobs <= 0 {
		c.Jobs = runtime.GOMAXPROCS(0)
	}
	if c.Store == nil {
		c.Store = store.Memory()
	}
	return c
}

// Run loads and analyses. Its error says that nothing could be loaded at all;
// everything smaller stands in the result.
func Run(ctx context.Context, c Config) (*Result, error) {
	c = c.complete()
	shared := c.Session != nil
	if !shared {
		c.Session = NewSession()
	}
	if !c.Session.busy.CompareAndSwap(false, true) {
		return nil, errBusy
	}
	defer c.Session.busy.Store(false)
	defer c.Store.Flush()
	args, err := parseArgs(c.Dir, c.Patterns)
	if err != nil {
		return nil, err
	}
	overlay := c.Overlay
	c.Overlay = unsaved(overlay)
	r := newRun(c, args.files)
	r.shared = shared
	end := r.clock.start(stageList, "")
	if r.repeat() {
		end()
		return r.result(), nil
	}
	r.memory = r.recollect()
	groups, err := r.groups(ctx, args)
	end()
	if err != nil {
		return nil, err
	}
	var worlds []*world
	for _, g := range groups {
		w, err := r.group(ctx, g)
		if err != nil {
			return nil, err
		}
		worlds = append(worlds, w)
	}
	r.keepMemory(r.memory, worlds)
	used := 0
	for _, w := range worlds {
		used += len(w.nodes)
		w.leave()
	}
	if shared && ctx.Err() == nil {
		c.Session.leave(r, worlds, overlay)
	}
	c.Session.tidy(used)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.missed(args)
	r.keepOutcome(worlds)
	return r.result(), nil
}

func (r *runner) result() *Result {
	return &Result{Packages: r.packages, Files: slices.Sorted(maps.Keys(r.owned)), Problems: r.sorted(), Stats: r.clock.stats()}
}

// unsaved leaves out of an overlay what is on disk too, so that what is found out of
// it is kept, and known already.
func unsaved(overlay map[string][]byte) map[string][]byte {
	out := make(map[string][]byte)
	for name, text := range overlay {
		if disk, err := os.ReadFile(name); err != nil || !bytes.Equal(disk, text) {
			out[name] = text
		}
	}
	return out
}

// canonical resolves links, so that one file has one name.
func canonical(file string) string {
	if real, err := filepath.EvalSymlinks(file); err == nil {
		return real
	}
	return file
}

// links resolves links as canonical does, and looks at a directory only once.
type links struct{ dirs sync.Map }

func (l *links) canonical(file string) string {
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() {
		return canonical(file)
	}
	return filepath.Join(l.dir(filepath.Dir(file)), filepath.Base(file))
}

// dir resolves a directory by its parent, unless it is a link itself: packages are many,
// and most of the way to them is the same. On Windows a name can be spelled in several
// ways, of which only canonical knows.
func (l *links) dir(dir string) string {
	if real, ok := l.dirs.Load(dir); ok {
		return real.(string)
	}
	var real string
	parent := filepath.Dir(dir)
	if info, err := os.Lstat(dir); err == nil && info.IsDir() && parent != dir && runtime.GOOS != "windows" {
		real = filepath.Join(l.dir(parent), filepath.Base(dir))
	} else {
		real = canonical(dir)
	}
	l.dirs.Store(dir, real)
	return real
}
