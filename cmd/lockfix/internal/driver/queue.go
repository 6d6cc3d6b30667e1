package driver

import (
	"cmp"
	"slices"
	"sync"
)

// A queue hands out packages, each after all that it waits for. Among those that
// are ready the one comes first from which the way is longest, over what waits for
// it, to a package that nothing waits for: no run is shorter than the longest way.
type queue struct {
	mu   sync.Mutex
	more *sync.Cond // some package is done
	left []*task    // not handed out, in the order of preference
	all  map[*node]*task
}

type task struct {
	*node
	waits int     // for so many packages
	users []*task // what waits for it
	way   int     // in files
}

// newQueue makes a queue of packages, each of which comes after those that it waits
// for.
func newQueue(nodes []*node) *queue {
	q := &queue{all: make(map[*node]*task, len(nodes))}
	q.more = sync.NewCond(&q.mu)
	for _, n := range nodes {
		t := &task{node: n, waits: len(n.waits)}
		for _, dep := range n.waits {
			q.all[dep].users = append(q.all[dep].users, t)
		}
		q.all[n] = t
		q.left = append(q.left, t)
	}
	for _, t := range slices.Backward(q.left) {
		for _, user := range t.users {
			t.way = max(t.way, user.way)
		}
		t.way += 1 + len(t.files())
	}
	slices.SortStableFunc(q.left, func(a, b *task) int { return cmp.Compare(b.way, a.way) })
	return q
}

// next waits for a package that can be worked on. It is nil after the last one.
func (q *queue) next() *node {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.left) > 0 {
		if i := slices.IndexFunc(q.left, func(t *task) bool { return t.waits == 0 }); i >= 0 {
			t := q.left[i]
			q.left = slices.Delete(q.left, i, i+1)
			return t.node
		}
		q.more.Wait()
	}
	return nil
}

// done tells what waits for a package that it is done.
func (q *queue) done(n *node) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, user := range q.all[n].users {
		user.waits--
	}
	q.more.Broadcast()
}
