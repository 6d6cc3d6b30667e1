package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
)

// conforms FORMAT FILE: the file is what the schema of the format says.
func conforms(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 || schemas[args[0]] == nil {
		ts.Fatalf("usage: conforms json|sarif file")
	}
	err := schemas[args[0]]([]byte(ts.ReadFile(args[1])))
	if neg && err == nil {
		ts.Fatalf("%s conforms", args[1])
	}
	if !neg {
		ts.Check(err)
	}
}

var schemas = map[string]func([]byte) error{"json": conformsJSON, "sarif": conformsSARIF}

// conformsJSON holds a document against the schema that lockfix publishes.
func conformsJSON(text []byte) error {
	var schema jsonschema.Schema
	if err := json.Unmarshal([]byte(report.Schema), &schema); err != nil {
		return fmt.Errorf("reading the schema: %w", err)
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		return fmt.Errorf("resolving the schema: %w", err)
	}
	var doc any
	if err := json.Unmarshal(text, &doc); err != nil {
		return err
	}
	return resolved.Validate(doc)
}

// conformsSARIF holds a document against the schema of SARIF 2.1.0, after it was
// read into the types of a library that knows every field: the schema sees what
// these keep, and they refuse what they do not know.
func conformsSARIF(text []byte) error {
	var doc sarif.Report
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		return err
	}
	whole, err := sarif.FromBytes(text)
	if err != nil {
		return err
	}
	return whole.Validate()
}
