package summary

import (
	"go/types"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lockfix/lockfix/rewrite/internal/check"
)

func TestZZ(t *testing.T) {
	N, _ := strconv.Atoi(os.Getenv("ZN"))
	var b strings.Builder
	b.WriteString("type T struct {\n\tmu sync.Mutex\n\tn int\n\tch chan int\n\tcbs []func()\n}\n\n")
	for i := range N {
		fmt.Fprintf(&b, "func (t *T) f%d(x int) { t.mu.Lock(); t.f%d(x); t.mu.Unlock(); t.g%d() }\nfunc (t *T) g%d() { if t.n > 0 { t.f%d(1); t.g%d() } }\n", i, (i+1)%N, i, i, (i*7919+13)%N, (i*31+5)%N)
	}
	p := check.Package(t, b.String())
	s := time.Now()
	Analyze(p, func(*types.Func) *Func { return nil })
	t.Log(time.Since(s))
}
