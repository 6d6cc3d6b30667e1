// Package wide has what makes columns differ by how they are counted, and a name
// that an address has to quote.
package wide

import (
	"fmt"
	"sync"
)

type Hub struct {
	mu    sync.Mutex
	ready chan struct{}
	list  []chan struct{}
	name  fmt.Stringer
}

func NewHub() *Hub { return &Hub{ready: make(chan struct{})} }

func (h *Hub) Wake() {
	h.mu.Lock()
	/* 😀 漢字 é */ h.ready <- struct{}{} // 😀
	h.mu.Unlock()
}

func (h *Hub) WakeAll() {
	h.mu.Lock()
	for _, w := range h.list { // 😀 漢字
		w <- struct{}{}
	}
	h.list = nil
	h.mu.Unlock()
}

func (h *Hub) Print() {
	h.mu.Lock()
	fmt.Println("100%", h.name)
	h.mu.Unlock()
}

//lockfix:ignore nothing is called so
