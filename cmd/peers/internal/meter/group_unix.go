//go:build unix

package meter

import (
	"os/exec"
	"syscall"
)

// own gives a command a process group of its own, which ends with the context.
func own(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		kill(cmd.Process.Pid)
		return nil
	}
}

// kill ends all processes of a group. There may be none left.
func kill(group int) { _ = syscall.Kill(-group, syscall.SIGKILL) }
