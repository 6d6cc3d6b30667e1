package gclplugin

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// versionVariable holds the version of golangci-lint to link: building it takes
// minutes and downloads hundreds of modules, so that only make e2e-golangci does.
const versionVariable = "LOCKFIX_GOLANGCI"

// TestGolangci runs golangci-lint with the plugin linked into it. It is built in
// a module of its own, so that what it requires is not required here.
func TestGolangci(t *testing.T) {
	version := os.Getenv(versionVariable)
	if version == "" {
		t.Skip(versionVariable + " is not set: make e2e-golangci runs this")
	}
	l := linter{t: t, exe: build(t, version), dir: t.TempDir()}
	archive, err := txtar.ParseFile(filepath.Join("testdata", "golangci", "module.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range archive.Files {
		files[f.Name] = string(f.Data)
	}
	for _, name := range []string{"go.mod", "gate/gate.go", "use/use.go"} {
		l.write(name, files[name])
	}

	// Findings, one of them across packages; the message says it all.
	l.configure(``)
	out, status := l.run("run", "./...")
	l.wants(out, status, 1,
		"gate/gate.go:24:3: send on w blocks while g.mu is held [wakeloop] (line 22: g.mu is held from here; line 13: w is unbuffered) (lockfix)",
		"use/use.go:15:2: call of gate.Send blocks while mu is held [blockheld] (line 13: mu is held from here; calls gate.Send; gate.go:31: sends on ch; fix (unsafe), by lockfix -w --unsafe-fixes: unlock mu around the call) (lockfix)")

	// Settings reach the analyzer, and results of other settings are not shown.
	l.configure(`select: [relock]`)
	out, status = l.run("run", "./...")
	l.wants(out, status, 0, "0 issues.")
	l.configure(`blocking: [example.com/m/gate.Quiet]`)
	out, status = l.run("run", "./...")
	l.wants(out, status, 1, "use/use.go:22:2: call of gate.Quiet blocks while mu is held [blockheld]", "blocks by the settings of golangci-lint")

	// What is wrong with them is named.
	l.configure(`selct: [relock]`)
	out, status = l.run("run", "./...")
	l.wants(out, status, 3, `unknown field "selct"`, "the settings of lockfix are select, ignore")
	l.configure(`select: [relok]`)
	out, status = l.run("run", "./...")
	l.wants(out, status, 3, `unknown rule "relok": did you mean relock?`)

	// The safe fix is made, the unsafe one is not.
	l.configure(``)
	out, status = l.run("run", "--fix", "./...")
	l.wants(out, status, 1, "use/use.go:15:2:")
	if strings.Contains(out, "[wakeloop]") {
		t.Errorf("fixed and still reported:\n%s", out)
	}
	if got := l.read("gate/gate.go"); got != files["want/gate.go"] {
		t.Errorf("gate.go is\n%s", got)
	}
	if got := l.read("use/use.go"); got != files["use/use.go"] {
		t.Errorf("use.go is\n%s", got)
	}
}

// build links golangci-lint with the plugin.
func build(t *testing.T, version string) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	main, err := os.ReadFile(filepath.Join("testdata", "golangci", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	l := linter{t: t, dir: dir}
	l.write("main.go", string(main))
	l.write("go.mod", fmt.Sprintf("module example.com/golangci\n\ngo 1.26.0\n\nrequire (\n\tgithub.com/golangci/golangci-lint/v2 %s\n\tgithub.com/lockfix/lockfix v0.0.0\n)\n\nreplace github.com/lockfix/lockfix => %s\n", version, root))
	start := time.Now()
	exe := filepath.Join(dir, "golangci-lint")
	for _, args := range [][]string{{"mod", "tidy"}, {"build", "-o", exe, "."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	t.Logf("golangci-lint %s built in %.0fs", version, time.Since(start).Seconds())
	return exe
}

// A linter runs golangci-lint in a module.
type linter struct {
	t        *testing.T
	exe, dir string
}

func (l linter) write(name, text string) {
	l.t.Helper()
	name = filepath.Join(l.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		l.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		l.t.Fatal(err)
	}
}

func (l linter) read(name string) string {
	l.t.Helper()
	text, err := os.ReadFile(filepath.Join(l.dir, filepath.FromSlash(name)))
	if err != nil {
		l.t.Fatal(err)
	}
	return string(text)
}

// configure writes the configuration, with settings of the plugin.
func (l linter) configure(settings string) {
	l.t.Helper()
	l.write(".golangci.yml", `version: "2"
linters:
  default: none
  enable: [lockfix]
  settings:
    custom:
      lockfix:
        type: module
        settings: {`+settings+`}
`)
}

func (l linter) run(args ...string) (out string, status int) {
	l.t.Helper()
	cmd := exec.Command(l.exe, append(args, "--color=never", "--output.text.print-issued-lines=false")...)
	cmd.Dir = l.dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOLANGCI_LINT_CACHE="+filepath.Join(l.dir, ".cache"))
	text, err := cmd.CombinedOutput()
	if _, ok := err.(*exec.ExitError); err != nil && !ok {
		l.t.Fatal(err)
	}
	l.t.Logf("$ golangci-lint %s\n%s", strings.Join(args, " "), text)
	return string(text), cmd.ProcessState.ExitCode()
}

func (l linter) wants(out string, status, wanted int, parts ...string) {
	l.t.Helper()
	if status != wanted {
		l.t.Errorf("status %d, want %d", status, wanted)
	}
	for _, part := range parts {
		if !strings.Contains(filepath.ToSlash(out), part) {
			l.t.Errorf("no %q in\n%s", part, out)
		}
	}
}
