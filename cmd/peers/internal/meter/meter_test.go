//go:build unix

package meter_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lockfix/lockfix/cmd/peers/internal/meter"
)

// The test binary is its own child: LOCKFIX_METER says what it does.
func TestMain(m *testing.M) {
	switch role := os.Getenv("LOCKFIX_METER"); role {
	case "":
		os.Exit(m.Run())
	case "status":
		fmt.Fprintln(os.Stderr, "something is wrong")
		os.Exit(3)
	case "burn":
		for start := time.Now(); time.Since(start) < 200*time.Millisecond; {
		}
	case "parent": // two children with memory at a time
		children := []*exec.Cmd{again("hold"), again("hold")}
		for _, c := range children {
			check(c.Start())
		}
		for _, c := range children {
			check(c.Wait())
		}
	case "hold":
		held := make([]byte, 40<<20)
		for i := range held {
			held[i] = 1
		}
		time.Sleep(250 * time.Millisecond)
		runtime.KeepAlive(held)
	case "stay": // with a child that outlives it
		c := again("sleep")
		check(c.Start())
		check(os.WriteFile(os.Getenv("LOCKFIX_METER_PID"), []byte(strconv.Itoa(c.Process.Pid)), 0o644))
		if os.Getenv("LOCKFIX_METER_WAIT") != "" {
			check(c.Wait())
		}
	case "sleep":
		time.Sleep(time.Minute)
	}
	os.Exit(0)
}

func again(role string) *exec.Cmd {
	exe, err := os.Executable()
	check(err)
	c := exec.Command(exe)
	c.Env = append(os.Environ(), "LOCKFIX_METER="+role)
	return c
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func run(t *testing.T, ctx context.Context, role string, env ...string) (meter.Result, error) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return meter.Run(ctx, meter.Command{Args: []string{exe}, Dir: t.TempDir(), Env: append(env, "LOCKFIX_METER="+role)})
}

func TestAStatusIsAResult(t *testing.T) {
	r, err := run(t, t.Context(), "status")
	if err != nil || r.Status != 3 || r.Tail != "something is wrong" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestWhatCannotStartIsNamed(t *testing.T) {
	_, err := meter.Run(t.Context(), meter.Command{Args: []string{"/nowhere/lockfix", "./..."}})
	if err == nil || !strings.Contains(err.Error(), "start lockfix ./...") {
		t.Error(err)
	}
}

func TestCPUTime(t *testing.T) {
	r, err := run(t, t.Context(), "burn")
	if err != nil {
		t.Fatal(err)
	}
	if r.Wall < 200*time.Millisecond || r.CPU < 20*time.Millisecond || r.CPU > 10*r.Wall {
		t.Errorf("%+v", r)
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	for _, waits := range []string{"", "yes"} {
		t.Run("interrupted="+waits, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			name := t.TempDir() + "/pid"
			if waits != "" {
				go func() {
					for !exists(name) {
						time.Sleep(5 * time.Millisecond)
					}
					cancel()
				}()
			}
			_, err := run(t, ctx, "stay", "LOCKFIX_METER_PID="+name, "LOCKFIX_METER_WAIT="+waits)
			if interrupted := errors.Is(err, context.Canceled); interrupted != (waits != "") {
				t.Errorf("error %v", err)
			}
			gone(t, name)
		})
	}
}

func exists(name string) bool {
	text, err := os.ReadFile(name)
	return err == nil && len(text) > 0
}

// gone waits until the process whose number is in a file has ended. One that
// nobody waits for stays as a zombie, which is no longer anything.
func gone(t *testing.T, name string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); time.Since(start) < 5*time.Second; time.Sleep(5 * time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if strings.Contains(string(stat), ") Z ") || err != nil && syscall.Kill(pid, 0) != nil {
			return
		}
	}
	t.Errorf("process %d still runs", pid)
}
