package main

import (
	"os"
	"runtime"
	"syscall"
)

// execUnprivileged replaces the program by another one that lacks the
// capabilities to read and write whatever it likes, and cannot get them back.
func execUnprivileged(path string, args []string) error {
	runtime.LockOSThread() // the limits are this thread's, which becomes the program
	const dropFromBounds, override, readSearch = 24, 1, 2
	if os.Getuid() == 0 {
		for _, capability := range []uintptr{override, readSearch} {
			if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, dropFromBounds, capability, 0); errno != 0 {
				return errno
			}
		}
	}
	return syscall.Exec(path, args, os.Environ())
}
