package driver

import (
	"os"
	"sync"
)

// An aside is a file without a name for what a run keeps and few ask for: in memory
// the facts were a fifth of what is alive at the end of a run, and were collected around
// all the time. Nothing in it is worth more than the process, which the file ends with.
// The zero aside is ready for use.
type aside struct {
	mu   sync.Mutex
	file *os.File // nil: not yet, or there can be none
	none bool
	size int64
}

// A lot is bytes, in memory or in a file.
type lot struct {
	data []byte
	file *os.File
	at   int64
	size int
}

func inMemory(data []byte) lot { return lot{data: data, size: len(data)} }

// put takes bytes into the file, or leaves them in memory where there can be none: no
// place for temporary files, a full disk, a system on which an open file has a name.
func (a *aside) put(data []byte) lot {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(data) == 0 || !a.open() {
		return inMemory(data)
	}
	at := a.size
	if _, err := a.file.WriteAt(data, at); err != nil {
		a.none = true // what is in it stays readable
		return inMemory(data)
	}
	a.size += int64(len(data))
	return lot{file: a.file, at: at, size: len(data)}
}

// open makes the file, once, and reports whether there is one to write to. It is closed
// with the last lot that lies in it.
func (a *aside) open() bool {
	if a.file != nil || a.none {
		return !a.none
	}
	file, err := os.CreateTemp("", "lockfix-*")
	if err != nil {
		a.none = true
		return false
	}
	if os.Remove(file.Name()) != nil {
		file.Close()
		os.Remove(file.Name())
		a.none = true
		return false
	}
	a.file = file
	return true
}

// bytes returns the bytes, which nobody may change.
func (l lot) bytes() ([]byte, error) {
	if l.file == nil {
		return l.data, nil
	}
	data := make([]byte, l.size)
	_, err := l.file.ReadAt(data, l.at)
	return data, err
}
