// Peers measures what lockfix costs: beside the tools that people run anyway, as a
// program grows, and who edits it.
//
//	peers compare --dir clone    wall and CPU time and memory beside go vet, staticcheck and go build
//	peers size                   the same on generated modules of 10 to 3,000 packages
//	peers editor --dir clone --file p.go    how long lockfix lsp takes for diagnostics and code actions
//
// # What is measured, and where
//
// compare works on a copy of the clone and with caches of its own, in --work, which
// takes about three times what a build cache of the module does; nothing else is
// read but the module cache, and nothing else is written. All packages are built
// before, so that what the modules need is downloaded then if it has to be.
//
// Runs take turns, so that what else the machine does falls on all of them; a quiet
// machine is better all the same. The spread that is printed says how quiet it was.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := root().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}
