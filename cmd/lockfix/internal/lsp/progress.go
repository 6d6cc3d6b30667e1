package lsp

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/protocol"
)

const (
	unnoticed = time.Second / 2 // what is faster needs no progress
	beat      = time.Second / 4
)

// tokens number the progresses of a process.
var tokens atomic.Int64

// progress shows the client how far an analysis has got, from half a second on, if
// it can show that. done ends it.
func (s *server) progress(ctx context.Context, dir string) (show func(done, total int), done func()) {
	s.mu.Lock()
	able := s.client.Window.WorkDoneProgress
	s.mu.Unlock()
	if !able {
		return func(int, int) {}, func() {}
	}
	p := &progress{s: s, token: fmt.Sprintf("lockfix-%d", tokens.Add(1)), over: make(chan struct{})}
	s.crew.start(func() { p.run(ctx, dir) })
	return p.count, sync.OnceFunc(func() { close(p.over) })
}

// A progress is one that the client shows.
type progress struct {
	s           *server
	token       string
	over        chan struct{}
	done, total atomic.Int64
}

func (p *progress) count(done, total int) {
	p.done.Store(int64(done))
	p.total.Store(int64(total))
}

func (p *progress) run(ctx context.Context, dir string) {
	select {
	case <-time.After(unnoticed):
	case <-p.over:
		return
	}
	if p.s.conn.Call(ctx, "window/workDoneProgress/create", protocol.ProgressCreateParams{Token: p.token}, nil) != nil {
		return // the client does not want it
	}
	p.send(protocol.Progress{Kind: "begin", Title: "lockfix", Message: filepath.Base(dir)})
	defer p.send(protocol.Progress{Kind: "end"})
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		select {
		case <-p.over:
			return
		case <-tick.C:
			if done, total := p.done.Load(), p.total.Load(); total > 0 {
				percent := int(100 * min(done, total) / total)
				p.send(protocol.Progress{Kind: "report", Message: fmt.Sprintf("%s: %d of %d packages", filepath.Base(dir), done, total), Percentage: &percent})
			}
		}
	}
}

func (p *progress) send(v protocol.Progress) {
	p.s.notify("$/progress", protocol.ProgressParams{Token: p.token, Value: v})
}
