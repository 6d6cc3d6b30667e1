//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package repair

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// patience is how long a run waits for another one that writes in the same
// directory: longer than that takes for any number of files that a fix ties.
var patience = 30 * time.Second

// lock keeps other runs from writing in a directory. It leaves no file behind,
// and ends with the process however that ends. Where the file system knows no
// such lock, two runs find out of each other by comparing texts alone.
func lock(ctx context.Context, dir string) (unlock func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return func() {}, nil // unreadable, but perhaps writable
	}
	for end := time.Now().Add(patience); ; {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case !errors.Is(err, syscall.EWOULDBLOCK): // held, or not to be had here
			return func() { f.Close() }, nil
		case time.Now().After(end):
			f.Close()
			return nil, errors.New("another lockfix is writing in this directory: left as it is")
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// keepOwner gives a new file the owner of another, where that is another one and
// the user may.
func keepOwner(f *os.File, like fs.FileInfo) {
	want, ok := like.Sys().(*syscall.Stat_t)
	info, err := f.Stat()
	if !ok || err != nil {
		return
	}
	if have, ok := info.Sys().(*syscall.Stat_t); ok && (have.Uid != want.Uid || have.Gid != want.Gid) {
		f.Chown(int(want.Uid), int(want.Gid)) // else it is the user's
	}
}
