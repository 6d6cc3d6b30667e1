package main

import "strings"

// words are the flags that people of other Go tools write with one dash. The
// flag library would read them as a cluster of letters.
var words = map[string]string{
	"diff": "--diff", "fix": "--write", "write": "--write", "list": "--list", "json": "--format=json",
	"unsafe-fixes": "--unsafe-fixes", "select": "--select", "ignore": "--ignore", "level": "--level",
	"new-from": "--new-from", "staged": "--staged", "baseline": "--baseline", "write-baseline": "--write-baseline", "fail-on": "--fail-on",
	"format": "--format", "output": "--output", "tags": "--tags", "test": "--tests", "tests": "--tests",
	"color": "--color", "exit-zero": "--exit-zero", "check": "--check", "help": "--help", "version": "--version",
	"config": "--config", "interactive": "--interactive", "kind": "--kind", "exec": "--exec", "focus": "--focus", "all": "--all",
}

// special are words that mean something else to one command, as they do to gopls.
var special = map[string]map[string]string{
	"codeaction": {"json": "--json"},
}

// dashes maps known words after one dash to flags, up to a "--".
func dashes(args []string) []string {
	var out []string
	var own map[string]string // of the command
	if len(args) > 0 {
		own = special[args[0]]
	}
	for i, arg := range args {
		if arg == "--" {
			return append(out, args[i:]...)
		}
		if word, ok := strings.CutPrefix(arg, "-"); ok {
			name, value, valued := strings.Cut(strings.TrimPrefix(word, "-"), "=")
			flag, known := own[name]
			if !known {
				flag, known = words[name]
			}
			if known {
				arg = flag
				if valued {
					arg += "=" + value
				}
			}
		}
		out = append(out, arg)
	}
	return out
}
