package measure

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"github.com/lockfix/lockfix/cmd/corpus/internal/clone"
)

// A group is packages of one module, as patterns seen from its directory.
type group struct {
	dir      string
	patterns []string
}

// groups finds the packages of files, by module, sorted. A file outside of any
// module has no package.
func groups(tree string, files []string) []group {
	patterns := make(map[string]map[string]bool)
	for _, f := range files {
		dir, ok := clone.ModuleDir(tree, f)
		if !ok || path.Ext(f) != ".go" {
			continue
		}
		if patterns[dir] == nil {
			patterns[dir] = make(map[string]bool)
		}
		patterns[dir][place{file: f, module: clone.Module{Dir: dir}}.pattern()] = true
	}
	var out []group
	for dir, set := range patterns {
		g := group{dir: filepath.Join(tree, filepath.FromSlash(dir))}
		for p := range set {
			g.patterns = append(g.patterns, p)
		}
		sort.Strings(g.patterns)
		out = append(out, g)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].dir < out[j].dir })
	return out
}

// goCommand runs the go command on the group's packages and returns all that it prints.
func (g group) goCommand(args ...string) (string, error) {
	cmd := exec.Command("go", append(args, g.patterns...)...)
	cmd.Dir = g.dir
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		return "", fmt.Errorf("run go %s: %w", args[0], err)
	}
	return string(out), nil
}

// problems are the lines that building and vetting the packages print.
func problems(gs []group) ([]string, error) {
	var out []string
	for _, g := range gs {
		for _, args := range [][]string{{"build", "-o", os.DevNull}, {"vet"}} {
			text, err := g.goCommand(args...)
			if err != nil {
				return nil, err
			}
			for line := range strings.Lines(text) {
				if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
					out = append(out, line)
				}
			}
		}
	}
	return out, nil
}

// lineNumbers are what an edit may change in a message about other lines.
var lineNumbers = regexp.MustCompile(`\.go:\d+(:\d+)?`)

// worse lists what is printed after and was not printed before, line numbers aside.
func worse(before, after []string) []string {
	known := make(map[string]int)
	for _, line := range before {
		known[lineNumbers.ReplaceAllString(line, ".go")]++
	}
	var out []string
	for _, line := range after {
		key := lineNumbers.ReplaceAllString(line, ".go")
		if known[key]--; known[key] < 0 {
			out = append(out, line)
		}
	}
	return out
}

// failures runs the tests of the packages and lists the red ones, sorted: each
// test, and each package that fails as a whole.
func failures(gs []group) ([]string, error) {
	var out []string
	for _, g := range gs {
		text, err := g.goCommand("test", "-json", "-count=1", "-timeout=15m")
		if err != nil {
			return nil, err
		}
		out = append(out, red(text)...)
	}
	sort.Strings(out)
	return out, nil
}

// red reads the events of go test -json.
func red(text string) []string {
	var out []string
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		var event struct{ Action, Package, ImportPath, Test string }
		if json.Unmarshal(bytes.TrimSpace(lines.Bytes()), &event) != nil {
			continue // what a test prints past its harness
		}
		switch {
		case event.Action == "build-fail":
			out = append(out, "build of "+event.ImportPath)
		case event.Action == "fail" && event.Test == "":
			out = append(out, event.Package)
		case event.Action == "fail":
			out = append(out, event.Package+"."+event.Test)
		}
	}
	return out
}
