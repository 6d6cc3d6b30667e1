package page

import (
	"go/token"
	"regexp"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/locks"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

const source = "package p\n\nfunc f() {\n\ts.mu.Lock()\n\ts.ch <- \"</pre><script>\"\n\ts.mu.Unlock()\n}\n"

func at(line int) token.Position {
	return token.Position{Filename: "/w/p.go", Line: line, Column: 2}
}

func input() Input {
	side := func(class string) summary.Side {
		return summary.Side{Class: class, Mode: syncapi.Write, Root: summary.Unique, Path: class}
	}
	order := func(a, b string) locks.Order {
		return locks.Order{Edge: summary.Edge{Held: side(a), Taken: side(b), Must: true}, Steps: []locks.Step{{Pos: at(4), Text: "holds <a>"}, {Pos: at(5), Text: "locks"}}}
	}
	graph := locks.Build([]locks.Piece{{Orders: []locks.Order{order("m/p.S.mu", "m/p.T.mu"), order("m/p.T.mu", "m/p.S.mu"), order("m/p.T.mu", "m/p.U.mu")}}}, nil)
	findings := []*rule.Finding{
		{Rule: "dull", Level: hazard.Hazard, Message: "no lock <b>here</b>", Pos: at(7)},
		{Rule: "blockheld", Level: hazard.Hazard, Message: "first", Class: "m/p.T.mu", Resource: "t.mu", Pos: at(3), Refusals: []rule.Note{{Pos: at(6), Text: "region: why not"}}},
		{Rule: "wakeloop", Level: hazard.Deadlock, Message: "send blocks", Class: "m/p.S.mu", Resource: "s.mu", Function: "f", Pos: at(5), Acquired: at(4),
			Notes: []rule.Note{{Pos: at(5), Text: "waits for a receiver"}, {Pos: token.Position{Filename: "/gone.go", Line: 3}, Text: "far away"}},
			Fix: &rule.Fix{Title: "move it", Changes: []rule.Change{{File: "/w/p.go", Edits: []edit.Edit{{Start: strings.Index(source, "\ts.ch"), End: strings.Index(source, "\ts.mu.Unlock")}}}},
				Obligations: []fix.Obligation{{Name: "once", Reason: "seen"}, {Name: "order", Status: fix.Assumed, Reason: "two may swap"}}}},
		{Rule: "blockheld", Level: hazard.Hazard, Message: "second", Class: "m/p.T.mu", Resource: "t.mu", Pos: at(3)},
	}
	return Input{
		Input: report.Input{Dir: "/w", Findings: findings, Problems: []report.Problem{{Message: "p <q> is broken"}}, Source: func(file string) []byte {
			if file != "/w/p.go" {
				return nil
			}
			return []byte(source)
		}},
		Tally: report.Tally{Findings: findings, Packages: 1},
		Graph: graph.Wrong(),
	}
}

func render(t *testing.T, in Input) string {
	t.Helper()
	text, err := Report(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// inOrder fails unless all texts stand in a page, one after the other.
func inOrder(t *testing.T, page string, texts ...string) {
	t.Helper()
	rest := page
	for _, text := range texts {
		i := strings.Index(rest, text)
		if i < 0 {
			t.Errorf("%q is not in its place", text)
			return
		}
		rest = rest[i+len(text):]
	}
}

func TestReport(t *testing.T) {
	page := render(t, input())
	inOrder(t, page, "4 findings (1 error, 3 warnings) in 1 package", "p &lt;q&gt; is broken", `<svg xmlns`, "p.S.mu</text>",
		`id="lock0">p.S.mu <small>m/p.S.mu<`, "error</span>", "wakeloop", "send blocks", "./p.go:5:2 in f",
		"s.mu is held from here", `class="here"><i>    4</i>     s.mu.Lock()`, "send blocks", `class="here"><i>    5</i>     s.ch &lt;- &#34;&lt;/pre&gt;&lt;script&gt;&#34;`, "waits for a receiver", "../gone.go:3", "far away",
		"Fix (unsafe): move it", "--- a/p.go", `<span class="old">-	s.ch`, "order</th><td>assumed</td><td>two may swap", "once</th><td>proved</td><td>seen",
		`id="lock1">p.T.mu`, "first", "No fix", "./p.go:6:2", "region: why not", "second",
		`id="lock2">without a lock</h2>`, "no lock &lt;b&gt;here")
	if again := render(t, input()); again != page {
		t.Error("the same findings make two pages")
	}
	if strings.Contains(page, "[0.0s]") {
		t.Error("the page says how long the run took")
	}
}

// external finds what makes a browser look outside the page. The name of SVG is one,
// and no address.
var external = regexp.MustCompile(`(?i)\b(src|href|action|data|poster|srcset)\s*=\s*["']?[^"'#\s>]|url\(\s*[^#]|@import|https?://|//[a-z]`)

func TestPagesReferToNothingOutside(t *testing.T) {
	graph, err := Graph(t.Context(), input().Graph, "/w")
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range map[string]string{"report": render(t, input()), "graph": graph} {
		page = strings.ReplaceAll(page, `xmlns="http://www.w3.org/2000/svg"`, "")
		page = regexp.MustCompile(`(?m)^// .*$`).ReplaceAllString(page, "") // comments of the script
		if found := external.FindString(page); found != "" {
			t.Errorf("%s: %q", name, found)
		}
		if n := strings.Count(page, "<script"); n != 1 {
			t.Errorf("%s: %d scripts, want the one that filters", name, n)
		}
	}
}

func TestGraph(t *testing.T) {
	in := input()
	page, err := Graph(t.Context(), in.Graph, "/w")
	if err != nil {
		t.Fatal(err)
	}
	inOrder(t, page, "<svg", "<h2>Cycles</h2>", `<details class="item cycle" open>`, "cycle (deadlock): p.S.mu -&gt; p.T.mu -&gt; p.S.mu", "<li>./p.go:4:2: holds &lt;a&gt;</li>",
		"<h2>Orders</h2>", "p.S.mu -&gt; p.T.mu (in a cycle)", "p.T.mu -&gt; p.U.mu<")
	if strings.Contains(page, "Callbacks under a lock") {
		t.Error("there are no callbacks")
	}
}

// Where there is no picture the page says why, and the rest is there.
func TestWithoutAPicture(t *testing.T) {
	in := input()
	in.Graph = locks.Build(nil, nil)
	page := render(t, in)
	inOrder(t, page, "0 locks, 0 orders, 0 cycles, 0 callbacks. There is no cycle", "wakeloop")
	var many []locks.Order
	for range 700 {
		o := locks.Order{Edge: summary.Edge{Held: summary.Side{Class: "m.a"}}, Steps: []locks.Step{{}, {}}}
		o.Taken.Class = "m.b" + strings.Repeat("x", len(many))
		many = append(many, o)
	}
	in.Graph = locks.Build([]locks.Piece{{Orders: many}}, nil)
	inOrder(t, render(t, in), "701 locks and callbacks are too many for a picture", "wakeloop")
}
