// Lockfix finds Go critical sections that can deadlock because they wake, call
// back, send, wait or acquire while a lock or token is held, and rewrites them.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rules"
)

func main() {
	runtime.MemProfileRate = 0 // --memprofile sets it
	os.Exit(program{rewrite.Default, rules.All(), os.Stdout, os.Stderr}.run(os.Args[1:]))
}

// A program is the command with what it works with: tests have an engine and
// rules of their own.
type program struct {
	engine rewrite.Engine
	rules  []*rule.Rule
	stdout io.Writer
	stderr io.Writer
}

// run runs the command and returns its exit status.
func (p program) run(args []string) int {
	if isUnit(args) {
		return p.unit(args)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	return p.execute(ctx, dashes(args))
}
