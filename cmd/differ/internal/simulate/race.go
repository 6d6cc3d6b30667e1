//go:build race

package simulate

import (
	"runtime"
	"unsafe"
)

func acquire(p unsafe.Pointer)      { runtime.RaceAcquire(p) }
func release(p unsafe.Pointer)      { runtime.RaceRelease(p) }
func releaseMerge(p unsafe.Pointer) { runtime.RaceReleaseMerge(p) }
func hide()                         { runtime.RaceDisable() }
func show()                         { runtime.RaceEnable() }
func races() int                    { return runtime.RaceErrors() }
