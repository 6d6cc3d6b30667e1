package main

import (
	"go/token"
	"path/filepath"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/driver"
	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// A report that names a place in another package is kept only if the place can be found
// again, and recalled only if it is.
func TestAReportWithALostPlace(t *testing.T) {
	dir, visited := gateModule(t), false
	at := func(file string) rewrite.Report {
		f := &rule.Finding{Rule: "r", Pos: token.Position{Filename: filepath.Join(dir, "gate.go"), Line: 3, Column: 1}}
		f.Notes = []rule.Note{{Text: "there", Pos: token.Position{Filename: file, Line: 4, Column: 2}}}
		return rewrite.Report{Findings: []*rule.Finding{f}}
	}
	_, err := driver.Run(t.Context(), driver.Config{
		Dir: dir,
		Summarize: func(src *source.Package, facts rewrite.Facts) *summary.Package {
			return rewrite.Default.Summarize(src, facts, nil)
		},
		Visit: func(u *driver.Unit) (*summary.Package, []byte) {
			visited = true
			if kept := remember(u, at(filepath.Join(dir, "elsewhere.go"))); kept != nil {
				t.Error("kept, with a place in a file that no package has")
			}
			kept := remember(u, at(filepath.Join(dir, "gate.go")))
			if r, ok := reportOf(u, kept); !ok || len(r.Findings) != 1 || r.Findings[0].Notes[0].Pos.Line != 4 {
				t.Errorf("recalled %+v, %v", r, ok)
			}
			var m memory
			if err := cbor.Unmarshal(kept, &m); err != nil {
				t.Fatal(err)
			}
			m.Abroad = append(m.Abroad, abroad{Finding: 0, Position: 3, Place: driver.Place{Package: "gone", Decl: "F"}})
			kept, err := cbor.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			if r, ok := reportOf(u, kept); ok {
				t.Errorf("recalled %+v, with a place that is gone", r)
			}
			return u.Package, nil
		},
		Remark: func(string) {},
	})
	if err != nil || !visited {
		t.Fatal(err, visited)
	}
}
