//go:build unix

package tool

import (
	"os"
	"runtime"
	"syscall"
)

// maxRSS is the largest resident set, in bytes, of a process and the children
// that it waited for.
func maxRSS(s *os.ProcessState) int64 {
	usage, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) * 1024 // other systems count in kilobytes
}
