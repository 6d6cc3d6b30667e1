package main

import (
	"slices"
	"testing"
)

func TestFilesAreAskedForOneByOne(t *testing.T) {
	var asked []string
	source := oneByOne(func(file string) []byte {
		asked = append(asked, file)
		return []byte("text of " + file)
	})
	for _, file := range []string{"a", "a", "b", "b", "b", "a"} {
		if got, want := string(source(file)), "text of "+file; got != want {
			t.Errorf("%s: %q", file, got)
		}
	}
	if !slices.Equal(asked, []string{"a", "b", "a"}) {
		t.Errorf("asked for %v", asked)
	}
}
