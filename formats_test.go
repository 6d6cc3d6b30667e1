package lockfix_test

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// A replacement is an edit as formats tell it: lines and columns from one, columns
// in units of the format.
type replacement struct {
	file                       string
	line, col, endLine, endCol int
	text                       string
}

// Whoever makes the fixes that are in a SARIF file or accepts the suggestions of
// rdjson gets what -w writes.
func TestFixesInFormatsAreThoseOfW(t *testing.T) {
	lockfix := buildCommand(t)
	want := copyDemo(t)
	strange(t, want)
	if _, status := run(t, want, lockfix, "-q", "-w", "./..."); status != 0 {
		t.Fatalf("lockfix -w: status %d", status)
	}
	for _, format := range []struct {
		name  string
		read  func(*testing.T, string) []replacement
		units func(string) []uint16 // of a text
		text  func([]uint16) string
	}{
		{"sarif", fixesOfSARIF, func(s string) []uint16 { return utf16.Encode([]rune(s)) }, func(u []uint16) string { return string(utf16.Decode(u)) }},
		{"rdjson", suggestionsOfRDJSON, bytesOf, textOf},
	} {
		t.Run(format.name, func(t *testing.T) {
			dir := copyDemo(t)
			strange(t, dir)
			out, _ := run(t, dir, lockfix, "-q", "-f", format.name, "./...")
			list := format.read(t, out)
			if len(list) < 6 {
				t.Fatalf("%d replacements", len(list))
			}
			slices.SortFunc(list, func(a, b replacement) int { // from the end, so that places stay
				return cmp.Or(strings.Compare(a.file, b.file), cmp.Compare(b.line, a.line), cmp.Compare(b.col, a.col))
			})
			for _, r := range list {
				name := filepath.Join(dir, filepath.FromSlash(r.file))
				text, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				lines := strings.SplitAfter(string(text), "\n")
				at := func(line, col int) int { return len(format.units(strings.Join(lines[:line-1], ""))) + col - 1 }
				units := slices.Replace(format.units(string(text)), at(r.line, r.col), at(r.endLine, r.endCol), format.units(r.text)...)
				if err := os.WriteFile(name, []byte(format.text(units)), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			sameFiles(t, want, dir)
		})
	}
}

// bytesOf and textOf take bytes for units.
func bytesOf(s string) []uint16 {
	var units []uint16
	for _, b := range []byte(s) {
		units = append(units, uint16(b))
	}
	return units
}

func textOf(units []uint16) string {
	var text []byte
	for _, u := range units {
		text = append(text, byte(u))
	}
	return string(text)
}

// strange gives a file line ends and characters that are counted in more than one
// way.
func strange(t *testing.T, dir string) {
	t.Helper()
	name := filepath.Join(dir, "semaphore", "notify.go")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.NewReplacer("\n", "\r\n", "\tl.woken <-", "\t/* 😀漢 */ l.woken <-").Replace(string(text)))
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func fixesOfSARIF(t *testing.T, text string) (list []replacement) {
	var doc struct {
		Runs []struct {
			Results []struct {
				Fixes []struct {
					ArtifactChanges []struct {
						ArtifactLocation struct{ URI string }
						Replacements     []struct {
							DeletedRegion   struct{ StartLine, StartColumn, EndLine, EndColumn int }
							InsertedContent struct{ Text string }
						}
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	for _, result := range doc.Runs[0].Results {
		for _, fix := range result.Fixes {
			for _, change := range fix.ArtifactChanges {
				for _, r := range change.Replacements {
					d := r.DeletedRegion
					list = append(list, replacement{change.ArtifactLocation.URI, d.StartLine, d.StartColumn, d.EndLine, d.EndColumn, r.InsertedContent.Text})
				}
			}
		}
	}
	return list
}

func suggestionsOfRDJSON(t *testing.T, text string) (list []replacement) {
	var doc struct {
		Diagnostics []struct {
			Location    struct{ Path string }
			Suggestions []struct {
				Range struct{ Start, End struct{ Line, Column int } }
				Text  string
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	for _, d := range doc.Diagnostics {
		for _, s := range d.Suggestions {
			list = append(list, replacement{d.Location.Path, s.Range.Start.Line, s.Range.Start.Column, s.Range.End.Line, s.Range.End.Column, s.Text})
		}
	}
	return list
}
