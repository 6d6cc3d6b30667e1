package main

import (
	"fmt"
	"os"
	"os/exec"
)

// unprivileged runs a command that may not pass over the modes of files, which
// the superuser otherwise does. It exits with 125 where that cannot be had.
func unprivileged() {
	path, err := exec.LookPath(os.Args[1])
	if err == nil {
		err = execUnprivileged(path, os.Args[1:])
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(125)
}
