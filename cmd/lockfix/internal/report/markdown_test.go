package report

import (
	"fmt"
	"go/token"
	"testing"

	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

func TestMarkdown(t *testing.T) {
	place := func(pos token.Position) string { return fmt.Sprintf("[%s:%d]", pos.Filename, pos.Line) }
	f := rule.Finding{
		Rule: "x", Level: hazard.Deadlock, Message: "send on a[i].c blocks while *p is held", Function: "(*T).f", Resource: "t_mu",
		Pos: token.Position{Filename: "p.go", Line: 4}, Acquired: token.Position{Filename: "p.go", Line: 2},
		Notes: []rule.Note{{Pos: token.Position{Filename: "q.go", Line: 7}, Text: "calls (*T).g"}, {Text: "a remark"}},
	}
	head := "**deadlock** `x`: send on a\\[i\\].c blocks while \\*p is held\n\nin `(*T).f`\n\n" +
		"- [p.go:2] t\\_mu is held from here\n- [q.go:7] calls (\\*T).g\n- a remark\n"
	f.Refusals = []rule.Note{{Pos: token.Position{Filename: "p.go", Line: 5}, Text: "region: a return"}}
	if got, want := Markdown(&f, place), head+"\n**no fix**\n\n- [p.go:5] region: a return\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	f.Fix = &rule.Fix{Title: "take *p", Obligations: []fix.Obligation{{Name: "once"}, {Name: "order", Status: fix.Assumed, Reason: "two may swap"}, {Name: "names"}}}
	if got, want := Markdown(&f, place), head+"\n**fix** (unsafe): take \\*p\n\n- proved: once names\n- assumed: order: two may swap\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
