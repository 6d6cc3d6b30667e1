package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rules"
)

var update = flag.Bool("update", false, "write what scripts print into their golden files")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"lockfix": func() {
			os.Exit(program{fakeEngine, fakeRules, os.Stdout, os.Stderr}.run(os.Args[1:]))
		},
		"lockfixcrlf":  toCRLF,
		"unprivileged": unprivileged,
		// The real analysis, for what the fake one cannot show.
		"lockfixreal": func() {
			os.Exit(program{rewrite.Default, rules.All(), os.Stdout, os.Stderr}.run(os.Args[1:]))
		},
		"lockfixcounted": func() {
			countRun()
			os.Exit(program{rewrite.Default, rules.All(), os.Stdout, os.Stderr}.run(os.Args[1:]))
		},
		"cacheprog": cacheMain,
	})
}

// toCRLF rewrites files with CRLF line endings, which an archive cannot hold.
func toCRLF() {
	for _, name := range os.Args[1:] {
		text, err := os.ReadFile(name)
		if err == nil {
			err = os.WriteFile(name, []byte(strings.ReplaceAll(string(text), "\n", "\r\n")), 0o666)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func TestScripts(t *testing.T) {
	caches := t.TempDir()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv(store.Variable, caches) // one for all scripts, as users have one for all projects
			return setup(e)
		},
		Condition: condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":   status,
			"mode":     mode,
			"damage":   damage,
			"conforms": conforms,
		},
	})
}

// setup hands the caches of the go command on: a script has its own home.
func setup(e *testscript.Env) error {
	out, err := exec.Command("go", "env", "-json", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		return fmt.Errorf("asking go env: %w", err)
	}
	vars := make(map[string]string)
	if err := json.Unmarshal(out, &vars); err != nil {
		return fmt.Errorf("reading go env: %w", err)
	}
	for name, value := range vars {
		e.Setenv(name, value)
	}
	home := filepath.Join(e.WorkDir, ".home") // what the go command keeps there stays in the script
	if err := os.Mkdir(home, 0o755); err != nil {
		return err
	}
	e.Setenv("HOME", home)
	e.Setenv("GOFLAGS", "")
	e.Setenv("GOPROXY", "off")
	e.Setenv("GOTOOLCHAIN", "local")
	e.Setenv("GOWORK", "")
	return nil
}

// condition answers what a script asks in brackets: [modes] holds where a command
// can be made to heed the modes of files, [tmpfs] where a small disk can be had.
func condition(name string) (bool, error) {
	switch name {
	case "modes":
		if os.Getuid() != 0 {
			return true, nil
		}
		return runtime.GOOS == "linux" && exec.Command("setpriv", "--bounding-set", "-dac_override", "true").Run() == nil, nil
	case "raced":
		return raced, nil
	case "tmpfs":
		return exec.Command("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs -o size=64k none /tmp").Run() == nil, nil
	}
	return false, fmt.Errorf("unknown condition %s", name)
}

// status N command...: the command exits with N.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command [args]")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if exit, ok := err.(*exec.ExitError); ok {
		got = fmt.Sprint(exit.ExitCode())
	} else if err != nil {
		ts.Fatalf("running %s: %v", args[1], err)
	}
	if got != args[0] {
		ts.Fatalf("status %s, want %s", got, args[0])
	}
}

// mode FILE OCTAL: the file has this mode.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := fmt.Sprintf("%o", info.Mode().Perm()); (got == args[1]) == neg {
		ts.Fatalf("mode of %s is %s", args[0], got)
	}
}

func TestOneDashWordsAreFlags(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"-diff ./...", "--diff ./..."},
		{"-json", "--format=json"},
		{"-tags x,y", "--tags x,y"},
		{"-tags=x", "--tags=x"},
		{"--test", "--tests"},
		{"-fix", "--write"},
		{"-wl", "-wl"},
		{"-w -d", "-w -d"},
		{"-- -diff", "-- -diff"},
		{"codeaction -json -kind=quickfix -exec -diff p.go:4", "codeaction --json --kind=quickfix --exec --diff p.go:4"},
		{"codeaction -kind quickfix p.go", "codeaction --kind quickfix p.go"},
	} {
		if got := strings.Join(dashes(strings.Fields(test.in)), " "); got != test.want {
			t.Errorf("dashes(%s) = %s, want %s", test.in, got, test.want)
		}
	}
}

func TestEveryFlagIsInAScript(t *testing.T) {
	scripts, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, name := range scripts {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		words = append(words, strings.Fields(string(text))...)
	}
	for _, flag := range []string{"-w", "-d", "-l", "-i", "--unsafe-fixes", "--check", "--select", "--ignore", "--level", "-f", "-o", "-C", "--config", "-j", "--tests", "--tags", "--color", "-q", "-v", "--exit-zero",
		"--new-from", "--staged", "--baseline", "--write-baseline", "--fail-on"} {
		if !slices.Contains(words, flag) {
			t.Errorf("no script uses %s", flag)
		}
	}
}

// damage writes over the end of each pack of values in a cache.
func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: damage directory")
	}
	packs, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "packs", "*.pack"))
	if err != nil || len(packs) == 0 {
		ts.Fatalf("nothing in %s: %v", args[0], err)
	}
	for _, name := range packs {
		text, err := os.ReadFile(name)
		ts.Check(err)
		text[len(text)-1] ^= 0xff
		ts.Check(os.WriteFile(name, text, 0o666))
	}
}
