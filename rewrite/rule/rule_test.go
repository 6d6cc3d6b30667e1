package rule_test

import (
	"testing"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

func TestPage(t *testing.T) {
	for _, tt := range []struct{ claim, in, want string }{
		{"the comment markers and one blank go", "// Package x.\n//\n//\tcode\npackage x\n", "Package x.\n\n\tcode\n"},
		{"what follows the comment is not part of the page", "// A.\npackage x\n\n// B.\nvar _ int\n", "A.\n"},
		{"no comment is an empty page", "package x\n", ""},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			if got := rule.Page(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMessage(t *testing.T) {
	mu := lockset.Held{Resource: lockset.Resource{Expr: "s.mu"}}
	callers := mu
	callers.Caller = "its name ends in Locked"
	for _, tt := range []struct {
		claim string
		o     hazard.Observation
		want  string
	}{
		{"a send blocks", hazard.Observation{What: "send on w.ready", Held: mu, Kind: hazard.Send, Class: syncapi.Waits},
			"send on w.ready blocks while s.mu is held"},
		{"a callback runs foreign code", hazard.Observation{What: "call of s.cb", Held: mu, Kind: hazard.Callback, Class: syncapi.Foreign},
			"call of s.cb runs foreign code while s.mu is held"},
		{"I/O waits for the outside", hazard.Observation{What: "call of conn.Read", Held: mu, Kind: hazard.IO, Class: syncapi.Outside},
			"call of conn.Read waits for the outside while s.mu is held"},
		{"a call takes another lock", hazard.Observation{What: "call of t.flush", Held: mu, Kind: hazard.Call, Class: syncapi.Locks},
			"call of t.flush takes another lock while s.mu is held"},
		{"the caller's lock is called so", hazard.Observation{What: "receive from s.ch", Held: callers, Kind: hazard.Receive, Class: syncapi.Waits},
			"receive from s.ch blocks while s.mu is held by the caller"},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			if got := rule.Message(&tt.o); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
