package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/config"
	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// unit answers go vet, by the configuration that holds for the working directory:
// go vet runs its tool in the directory of the package, and asks for the version
// in that of the user.
func (p program) unit(args []string) int {
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintf(p.stderr, "lockfix: finding the working directory: %v\n", err)
		return statusFailed
	}
	if args[0] == "-V=full" {
		if top, files := config.Around(dir); len(files) > 0 {
			return p.fullVersion(top, files)
		}
	}
	conf := new(config.Config)
	if args[0] != "-flags" { // asked first, and what it prints is not shown
		conf, err = p.configure(options{dir: dir})
	}
	if err != nil {
		if err != errFailed {
			fmt.Fprintf(p.stderr, "lockfix: %v\n", err)
		}
		return statusFailed
	}
	unitchecker.Main(rewrite.Analyzer(p.engine, p.byDefault(conf), rewrite.Config{
		Words: conf.Words, Except: conf.Except, Facts: factsOnly(args[len(args)-1]),
	})) // exits
	return statusClean
}

// factsOnly reports whether go vet asks for a dependency, of which it shows nothing:
// unitchecker does not tell the analyzer. What is wrong with the file it says itself.
func factsOnly(file string) bool {
	var unit struct{ VetxOnly bool }
	text, err := os.ReadFile(file)
	return err == nil && json.Unmarshal(text, &unit) == nil && unit.VetxOnly
}

// byDefault returns the rules, off where the configuration says so.
func (p program) byDefault(conf *config.Config) []*rule.Rule {
	var out []*rule.Rule
	for _, r := range p.rules {
		r := *r
		r.Off = !conf.Runs(&r)
		out = append(out, &r)
	}
	return out
}

// fullVersion prints the version as the go command wants it, which keeps results
// by it: it changes with the program and with the configurations, as each package
// is checked by that of its directory. It does not depend on where they lie, so
// that machines can share results.
func (p program) fullVersion(top string, files []string) int {
	exe, err := os.Executable()
	if err != nil {
		fmt.Fprintf(p.stderr, "lockfix: finding the program: %v\n", err)
		return statusFailed
	}
	h := sha256.New()
	err = addFile(h, "", exe)
	for _, name := range files {
		err = errors.Join(err, addFile(h, name, filepath.Join(top, filepath.FromSlash(name))))
	}
	if err != nil {
		fmt.Fprintf(p.stderr, "lockfix: %v\n", err)
		return statusFailed
	}
	name := strings.TrimSuffix(filepath.Base(exe), ".exe")
	fmt.Fprintf(p.stdout, "%s version devel comments-go-here buildID=%02x\n", name, h.Sum(nil))
	return statusClean
}

// addFile hashes a file, by a name for it.
func addFile(w io.Writer, as, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%q %d\n", as, info.Size())
	_, err = io.Copy(w, f)
	return err
}

// isUnit reports whether go vet is asking: for the version, for the flags, or to
// check the one package that a configuration file describes.
func isUnit(args []string) bool {
	if len(args) == 0 {
		return false
	}
	last := args[len(args)-1]
	return len(args) == 1 && slices.Contains([]string{"-V=full", "-flags"}, last) || strings.HasSuffix(last, ".cfg")
}
