//go:build !unix

package meter

import "os/exec"

func own(*exec.Cmd) {}

func kill(int) {}
