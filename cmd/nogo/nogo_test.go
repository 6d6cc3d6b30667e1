package nogo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/txtar"
)

// unitVariable makes the test program check one unit, a process of its own each.
const unitVariable = "LOCKFIX_TEST_UNIT"

func TestMain(m *testing.M) {
	if file := os.Getenv(unitVariable); file != "" {
		if err := main(file); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestAnalyzerIsValid(t *testing.T) {
	if err := analysis.Validate([]*analysis.Analyzer{Analyzer}); err != nil {
		t.Error(err)
	}
}

// TestUnitsApart checks the packages of a module each in a process of its own, as
// a build system does. What one package knows of another goes through files.
func TestUnitsApart(t *testing.T) {
	archive, err := txtar.ParseFile(filepath.Join("testdata", "module.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range archive.Files {
		files[f.Name] = f.Data
	}
	dir := unpack(t, files)
	want := strings.TrimSpace(string(files["want"]))

	first := checkModule(t, dir, nil, true)
	if got := strings.ReplaceAll(first.printed, dir+string(filepath.Separator), ""); strings.TrimSpace(filepath.ToSlash(got)) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// Facts that are kept by their content must not change by themselves, nor with
	// the place where a package lies.
	for _, again := range []string{dir, unpack(t, files)} {
		if second := checkModule(t, again, nil, true); !mapsEqual(first.facts, second.facts) {
			t.Errorf("facts of a second run differ")
		}
	}
	// Without the facts nothing is found across packages.
	if got := checkModule(t, dir, nil, false).printed; strings.Contains(got, "top.go:16") || !strings.Contains(got, "low.go:") {
		t.Errorf("without facts:\n%s", got)
	}
	if got := checkModule(t, dir, map[string]string{"select": "lockorder"}, true).printed; strings.Contains(got, "[blockheld]") || !strings.Contains(got, "[lockorder]") {
		t.Errorf("with lockorder alone:\n%s", got)
	}
}

// TestRealFacts takes the facts of this module, and of what it imports, through
// files.
func TestRealFacts(t *testing.T) {
	run := checkModule(t, filepath.Join("..", ".."), nil, true, "./cmd/lockfix/internal/lsp")
	total := 0
	for _, text := range run.facts {
		total += len(text)
	}
	if len(run.facts) < 20 || total < 10_000 {
		t.Errorf("only %d packages with %d bytes of facts", len(run.facts), total)
	}
}

func mapsEqual(a, b map[string][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for path, text := range a {
		if !bytes.Equal(text, b[path]) {
			return false
		}
	}
	return true
}

func unpack(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A listed is a package as go list has it.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	Imports                 []string
	ImportMap               map[string]string
	Standard                bool
}

// A result is what the units printed, in the order of the build, and the facts of
// each.
type result struct {
	printed string
	facts   map[string][]byte
}

// checkModule builds a module and checks its packages in the order of imports.
func checkModule(t *testing.T, dir string, flags map[string]string, handOn bool, patterns ...string) result {
	t.Helper()
	if patterns == nil {
		patterns = []string{"./..."}
	}
	list := exec.Command("go", append([]string{"list", "-deps", "-export", "-json=ImportPath,Dir,Export,GoFiles,Imports,ImportMap,Standard"}, patterns...)...)
	list.Dir = dir
	var stderr strings.Builder
	list.Stderr = &stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	work := t.TempDir()
	exports, facts := map[string]string{}, map[string]string{}
	r := result{facts: map[string][]byte{}}
	var printed strings.Builder
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if p.Standard {
			continue
		}
		u := unit{Path: p.ImportPath, Imports: p.ImportMap, Export: exports, Facts: map[string]string{}, Flags: flags,
			Out: filepath.Join(work, fmt.Sprintf("%d.facts", len(facts)))}
		for _, name := range p.GoFiles {
			u.Files = append(u.Files, filepath.Join(p.Dir, name))
		}
		for path, file := range facts {
			if handOn && slices.Contains(p.Imports, path) {
				u.Facts[path] = file
			}
		}
		printed.WriteString(runUnit(t, work, u))
		facts[p.ImportPath] = u.Out
		if r.facts[p.ImportPath], err = os.ReadFile(u.Out); err != nil {
			t.Fatal(err)
		}
	}
	r.printed = printed.String()
	return r
}

func runUnit(t *testing.T, work string, u unit) string {
	t.Helper()
	text, err := json.Marshal(u)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(work, "unit.json")
	if err := os.WriteFile(file, text, 0o666); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), unitVariable+"="+file)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("checking %s: %v\n%s", u.Path, err, stderr.String())
	}
	return string(out)
}
