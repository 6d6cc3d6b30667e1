// Package hub is above.
package hub

import (
	"sync"

	"example.com/chat/conn"
)

// A Hub has clients.
type Hub struct {
	mu      sync.Mutex
	clients map[*Client]bool
	onEmpty func()
}

// A Client belongs to a hub.
type Client struct {
	mu   sync.Mutex
	hub  *Hub
	conn *conn.Conn
}

// Close closes all.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.clients {
		c.stop()
	}
	h.onEmpty()
}

func (c *Client) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn.Close()
}

// Leave leaves.
func (c *Client) Leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hub.remove(c)
}

func (h *Hub) remove(c *Client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.clients, c)
}
