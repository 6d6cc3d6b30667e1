// Package sample writes Go programs of any size to measure on: the same ones
// whenever and wherever it is asked, and nobody's code but our own.
//
// # Shape
//
// A program is a module of packages of one file each, of about 150 lines: what
// servers are made of, that is types with a mutex, channels, waiters and
// goroutines, and functions that call those of other packages. Each package
// imports up to three earlier ones, and the chains of imports are about as long as
// those of real programs: some ten packages among a hundred, thirty among
// thousands. One package in sixteen has something to report and to mend, for
// that costs too.
package sample

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
)

// Module is the path of the modules that Write makes.
const Module = "example.com/sample"

//go:embed file.tmpl
var text string

var file = template.Must(template.New("file").Parse(text))

// blanks are what the template is filled in with.
type blanks struct {
	Package string
	Imports []string // of packages, by name
	N       int      // in the names of what it declares
	Wakes   bool     // it has a loop that wakes under a lock
	Entry   bool     // it has the function that other packages call
}

// every is how many packages there are for one with something to report.
const every = 16

// Imports lists the packages that the n-th one imports, by number. Taking those
// at fixed shares of the way keeps chains of imports at some logarithm of n.
func Imports(n int) []int {
	var list []int
	for _, i := range []int{n / 4, n / 2, n * 3 / 4} {
		if i < n && (len(list) == 0 || i > list[len(list)-1]) {
			list = append(list, i)
		}
	}
	return list
}

// Package returns the file of the n-th package of a module.
func Package(n int) []byte {
	b := blanks{Package: name(n), N: n, Wakes: n%every == every-1, Entry: true}
	for _, i := range Imports(n) {
		b.Imports = append(b.Imports, name(i))
	}
	return b.fill()
}

// Files returns the files of one package that imports nothing but the standard
// library.
func Files(pkg string, n int) [][]byte {
	var list [][]byte
	for i := range n {
		list = append(list, blanks{Package: pkg, N: i, Wakes: i%every == every-1}.fill())
	}
	return list
}

// fill fills in the template, which cannot fail: it has no blanks but these.
func (b blanks) fill() []byte {
	var out bytes.Buffer
	if err := file.Execute(&out, struct {
		blanks
		Module string
	}{b, Module}); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func name(n int) string { return fmt.Sprintf("p%05d", n) }

// Write writes a module of n packages to a directory.
func Write(dir string, n int) error {
	if err := write(filepath.Join(dir, "go.mod"), []byte("module "+Module+"\n\ngo 1.26\n")); err != nil {
		return err
	}
	for i := range n {
		if err := write(filepath.Join(dir, name(i), name(i)+".go"), Package(i)); err != nil {
			return err
		}
	}
	return nil
}

func write(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("write the sample: %w", err)
	}
	if err := os.WriteFile(name, content, 0o644); err != nil {
		return fmt.Errorf("write the sample: %w", err)
	}
	return nil
}
