package report

import (
	"go/token"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

func TestGitHubAnnotations(t *testing.T) {
	pos := token.Position{Filename: "/w/p.go", Line: 3, Column: 5}
	for _, test := range []struct {
		claim   string
		finding rule.Finding
		want    string
	}{
		{"a message of several lines and percent signs is one line", rule.Finding{Rule: "x", Message: "100%\r\nof 50%25: a, b", Pos: pos, End: token.Position{Line: 3, Column: 9}},
			"::warning file=p.go,line=3,endLine=3,col=5,endColumn=9,title=lockfix x::100%25%0D%0Aof 50%2525: a, b%0Ano fix\n"},
		{"what ends a property is escaped in it", rule.Finding{Rule: "a:b,c", Message: "m", Pos: token.Position{Filename: "/w/a,b:c%d.go", Line: 1, Column: 1}},
			"::warning file=a%2Cb%3Ac%25d.go,line=1,endLine=1,col=1,title=lockfix a%3Ab%2Cc::m%0Ano fix\n"},
		{"a range of lines has no columns", rule.Finding{Rule: "x", Message: "m", Pos: pos, End: token.Position{Line: 6, Column: 2}},
			"::warning file=p.go,line=3,endLine=6,title=lockfix x::m%0Ano fix\n"},
		{"notes stand in the message, the acquisition first", rule.Finding{Rule: "x", Message: "m", Resource: "mu", Pos: pos, Acquired: token.Position{Filename: "/w/p.go", Line: 2}, Notes: []rule.Note{{Text: "a"}, {Text: "b", Pos: token.Position{Filename: "/v/q.go", Line: 7}}}},
			"::warning file=p.go,line=3,endLine=3,col=5,title=lockfix x::m%0Ap.go:2: mu is held from here%0Aa%0A../v/q.go:7: b%0Ano fix\n"},
	} {
		t.Run(test.claim, func(t *testing.T) {
			test.finding.Level = hazard.Hazard
			var b strings.Builder
			Write(&b, "github", Input{Dir: "/w", Findings: []*rule.Finding{&test.finding}})
			if got := b.String(); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// GitHub shows the first ten of each kind.
func TestGitHubWorstFirst(t *testing.T) {
	at := func(line int, level hazard.Level) *rule.Finding {
		return &rule.Finding{Rule: "x", Message: "m", Level: level, Pos: token.Position{Filename: "/w/p.go", Line: line}}
	}
	findings := []*rule.Finding{at(1, hazard.Contention), at(2, hazard.Hazard), at(3, hazard.Deadlock), at(4, hazard.Hazard), at(5, hazard.Deadlock)}
	var b strings.Builder
	Write(&b, "github", Input{Dir: "/w", Findings: findings, Problems: []Problem{{Message: "no module"}}})
	var got []string
	for line := range strings.Lines(b.String()) {
		head, _, _ := strings.Cut(line, ",endLine")
		got = append(got, strings.TrimSpace(head))
	}
	want := "::error file=p.go,line=3 ::error file=p.go,line=5 ::warning file=p.go,line=2 ::warning file=p.go,line=4 ::notice file=p.go,line=1 ::error title=lockfix::no module"
	if strings.Join(got, " ") != want {
		t.Errorf("got %s\nwant %s", strings.Join(got, " "), want)
	}
	if findings[0].Pos.Line != 1 {
		t.Error("the list that was given is sorted")
	}
}
