package main

import (
	"errors"
	"io"
	"os"
)

// A console is both sides of the one that the program was started from.
type console struct {
	*os.File
	out *os.File
}

func (c console) Write(text []byte) (int, error) { return c.out.Write(text) }
func (c console) Close() error                   { return errors.Join(c.File.Close(), c.out.Close()) }

// openTerminal opens the console that the program was started from.
func openTerminal() (io.ReadWriteCloser, error) {
	in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	out, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		in.Close()
		return nil, err
	}
	return console{in, out}, nil
}
