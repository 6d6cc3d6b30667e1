// Package conn is below.
package conn

import "sync"

// A Conn is one end.
type Conn struct {
	mu     sync.Mutex
	log    *Log
	closed bool
}

// A Log is written by all.
type Log struct {
	mu    sync.Mutex
	lines []string
}

// Add adds a line.
func (l *Log) Add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

// Close closes it.
func (c *Conn) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.log.Add("closed")
}

// A Cache maps.
type Cache[K comparable, V any] struct {
	mu    sync.Mutex
	m     map[K]V
	stats *Log
}

// Get gets.
func (c *Cache[K, V]) Get(k K) V {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Add("get")
	return c.m[k]
}
