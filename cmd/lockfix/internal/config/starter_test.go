package config

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/lockfix/lockfix/rules"
)

func ruleNames() []string {
	var names []string
	for _, r := range rules.All() {
		names = append(names, r.Name)
	}
	return names
}

func TestStart(t *testing.T) {
	dir := t.TempDir()
	name, err := Start(dir)
	if err != nil || name != filepath.Join(dir, Name) {
		t.Fatalf("Start: %q %v", name, err)
	}
	if c, mistakes, err := Read(name, ruleNames()); err != nil || len(mistakes) > 0 || len(c.named)+len(c.paths)+len(c.Disable)+len(c.Enable) > 0 {
		t.Errorf("what it writes says something: %+v %v %v", c, mistakes, err)
	}
	if err := os.WriteFile(name, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(dir); err == nil || !strings.HasSuffix(err.Error(), "is there already: it stays as it is") {
		t.Errorf("a second time: %v", err)
	}
	if text, _ := os.ReadFile(name); string(text) != "mine" {
		t.Errorf("it was overwritten: %s", text)
	}
}

// uncommented is the starter with all that it offers.
func uncommented() []byte {
	return regexp.MustCompile(`(?m)^# ((?: |-|[a-z]+:(?: |$)).*)$|^# ([a-z]+:)$`).ReplaceAll(starter, []byte("$1$2"))
}

func TestTheStarterHoldsWhenItIsUncommented(t *testing.T) {
	file := filepath.Join(t.TempDir(), Name)
	if err := os.WriteFile(file, uncommented(), 0o666); err != nil {
		t.Fatal(err)
	}
	c, mistakes, err := Read(file, ruleNames())
	if err != nil || len(mistakes) > 0 {
		t.Fatalf("%v %v\n%s", mistakes, err, uncommented())
	}
	if len(c.named) < 9 || len(c.Disable) == 0 || len(c.paths) < 4 {
		t.Errorf("it says too little: %+v", c)
	}
}

// Every key that the file can have is in the starter. Which there are is asked of
// the reader: a key that it does not know makes it list those that it knows.
func TestTheStarterHasEveryKey(t *testing.T) {
	var doc yaml.Node
	loader, err := yaml.NewLoader(bytes.NewReader(uncommented()))
	if err == nil {
		err = loader.Load(&doc)
	}
	if err != nil {
		t.Fatal(err)
	}
	has := make(map[string]bool)
	spoil(doc.Content[0], has)
	text, err := yaml.Dump(&doc)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), Name)
	if err := os.WriteFile(file, text, 0o666); err != nil {
		t.Fatal(err)
	}
	_, mistakes, err := Read(file, ruleNames())
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, m := range mistakes {
		if _, list, ok := strings.Cut(m.Message, `unknown key "xxxxxxxx": there are `); ok {
			keys = append(keys, strings.Split(list, ", ")...)
		}
	}
	slices.Sort(keys)
	if keys = slices.Compact(keys); len(keys) < 14 {
		t.Errorf("the reader names only %v", keys)
	}
	for _, key := range keys {
		if !has[key] {
			t.Errorf("the starter has no %s", key)
		}
	}
}

// spoil adds an unknown key to each mapping and takes down the others.
func spoil(n *yaml.Node, has map[string]bool) {
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			has[child.Value] = true
		}
		spoil(child, has)
	}
	if n.Kind == yaml.MappingNode {
		word := func(text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text} }
		n.Content = append(n.Content, word("xxxxxxxx"), word("x"))
	}
}
