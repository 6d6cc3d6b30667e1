package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	// Only its text is used: it has the schema of SARIF, and keeps it to itself.
	_ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
)

// conforms FORMAT FILE: the file is what the schema of the format says.
func conforms(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 || schemas[args[0]] == nil {
		ts.Fatalf("usage: conforms json|sarif file")
	}
	schema, err := schemas[args[0]]()
	ts.Check(err)
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(ts.ReadFile(args[1])))
	ts.Check(err)
	err = schema.Validate(doc)
	if neg && err == nil {
		ts.Fatalf("%s conforms", args[1])
	}
	if !neg {
		ts.Check(err)
	}
}

var schemas = map[string]func() (*jsonschema.Schema, error){
	"json":  sync.OnceValues(func() (*jsonschema.Schema, error) { return compile(report.Schema) }),
	"sarif": sync.OnceValues(sarifSchema),
}

func compile(text string) (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("reading a schema: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", doc); err != nil {
		return nil, fmt.Errorf("adding a schema: %w", err)
	}
	return c.Compile("schema.json")
}

// sarifSchema is the schema of SARIF 2.1.0. The library that has it holds its own
// types against it, not a text, and these do not say what a text left out: so the
// constant is read where it is declared.
func sarifSchema() (*jsonschema.Schema, error) {
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif").Output()
	if err != nil {
		return nil, fmt.Errorf("looking for the schema of SARIF: %w", err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(string(bytes.TrimSpace(dir)), "schema.go"), nil, 0)
	if err != nil {
		return nil, fmt.Errorf("reading the schema of SARIF: %w", err)
	}
	for n := range ast.Preorder(file) {
		if spec, ok := n.(*ast.ValueSpec); ok && spec.Names[0].Name == "schema" {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				return nil, fmt.Errorf("reading the schema of SARIF: %w", err)
			}
			return compile(text)
		}
	}
	return nil, fmt.Errorf("no schema of SARIF in %s", dir)
}
