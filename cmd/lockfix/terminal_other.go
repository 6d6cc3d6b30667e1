//go:build !windows

package main

import (
	"io"
	"os"
)

// openTerminal opens the terminal that the program was started from.
func openTerminal() (io.ReadWriteCloser, error) { return os.OpenFile("/dev/tty", os.O_RDWR, 0) }
