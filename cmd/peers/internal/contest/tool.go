package contest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/lockfix/lockfix/cmd/peers/internal/meter"
)

// Lockfix is the name of the tool that all are compared with.
const Lockfix = "lockfix"

// A tool is one that is measured.
type tool struct {
	name   string
	args   []string
	filler string // a flag that keeps its results apart when it fills the build cache
	own    string // variable that names its own cache; "" if that is the build cache
	clean  bool   // it must end with status 0
	cold   bool   // it has results that can be missing while all is compiled
}

// tools are those that are measured, what fills the build cache first.
func tools(lockfix, staticcheck string) []tool {
	return []tool{
		// The flag keeps a module of one program from getting a file.
		{name: "go build", args: []string{"go", "build", "-o", os.DevNull}, clean: true},
		{name: "go vet", args: []string{"go", "vet"}, filler: "-printf.funcs=lockfixpeers", cold: true},
		{name: "staticcheck", args: []string{staticcheck}, own: "STATICCHECK_CACHE", cold: true},
		{name: Lockfix, args: []string{lockfix}, own: "LOCKFIX_CACHE", cold: true},
	}
}

// command is what is measured.
func (t tool) command() []string { return append(t.args[:len(t.args):len(t.args)], "./...") }

// fill is what fills the build cache and leaves no result that is found later.
func (t tool) fill() []string {
	args := t.args[:len(t.args):len(t.args)]
	if t.filler != "" {
		args = append(args, t.filler)
	}
	return append(args, "./...")
}

// environment names the caches of a run.
func (t tool) environment(build, own string) []string {
	env := environment(build)
	if t.own != "" {
		env = append(env, t.own+"="+own)
	}
	return env
}

// environment names the build cache, and switches off what would say something
// of the copy that does not hold of the clone: its state in version control.
func environment(build string) []string {
	flags := strings.TrimSpace(os.Getenv("GOFLAGS") + " -buildvcs=false")
	return []string{"GOCACHE=" + build, "GOCACHEPROG=", "GOFLAGS=" + flags}
}

// judge tells findings from failures as far as the status does; those with which
// some tools report what they could not load show in the first run, since it
// follows one of go build.
func (t tool) judge(r meter.Result) error {
	if r.Status == 0 || r.Status == 1 && !t.clean {
		return nil
	}
	return fmt.Errorf("%s ends with status %d, so there is nothing to measure: run it in the clone and mend that: %s",
		filepath.Base(t.args[0]), r.Status, r.Tail)
}
