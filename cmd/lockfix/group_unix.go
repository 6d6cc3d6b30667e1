//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// group makes a command and all that it starts end together when the context
// does.
func group(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
}
