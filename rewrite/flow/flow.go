package flow

// A Problem is a forward data-flow problem. The facts F form a join
// semilattice of finite height; Transfer is monotone. Then Solve terminates
// with the least solution that covers every path from Entry.
type Problem[F any] struct {
	Size  int             // nodes are 0..Size-1
	Entry int             // where it starts
	Init  F               // what holds before Entry
	Succs func(int) []int // successors of a node

	// Transfer returns what holds after the node, one fact a successor, in
	// the order of Succs.
	Transfer func(node int, before F) []F
	Join     func(a, b F) F // commutative, associative, idempotent
	Equal    func(a, b F) bool
}

// A Solution says what holds before each node. A node that no path reaches has
// no fact.
type Solution[F any] struct {
	Before  []F
	Reached []bool
}

// Solve computes the least fixed point with a work list in reverse postorder:
// O(height × edges) transfers.
func Solve[F any](p Problem[F]) Solution[F] {
	order, rank := reversePostorder(p.Size, p.Entry, p.Succs)
	sol := Solution[F]{Before: make([]F, p.Size), Reached: make([]bool, p.Size)}
	sol.Before[p.Entry], sol.Reached[p.Entry] = p.Init, true
	pending := make([]bool, len(order))
	pending[rank[p.Entry]] = true
	for next := 0; next < len(order); {
		if !pending[next] {
			next++
			continue
		}
		pending[next] = false
		node := order[next]
		resume := next + 1
		outs := p.Transfer(node, sol.Before[node])
		for i, succ := range p.Succs(node) {
			fact := outs[i]
			if sol.Reached[succ] {
				fact = p.Join(sol.Before[succ], fact)
				if p.Equal(sol.Before[succ], fact) {
					continue
				}
			}
			sol.Before[succ], sol.Reached[succ] = fact, true
			pending[rank[succ]] = true
			resume = min(resume, rank[succ])
		}
		next = resume
	}
	return sol
}

// reversePostorder lists the nodes that entry reaches, and the place of each in
// that list.
func reversePostorder(size, entry int, succs func(int) []int) (order, rank []int) {
	rank = make([]int, size)
	seen := make([]bool, size)
	type frame struct{ node, next int }
	stack := []frame{{entry, 0}}
	seen[entry] = true
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if ss := succs(top.node); top.next < len(ss) {
			s := ss[top.next]
			top.next++
			if !seen[s] {
				seen[s] = true
				stack = append(stack, frame{s, 0})
			}
			continue
		}
		order = append(order, top.node)
		stack = stack[:len(stack)-1]
	}
	for i, j := 0, len(order)-1; i < j; i, j = i+1, j-1 {
		order[i], order[j] = order[j], order[i]
	}
	for i, n := range order {
		rank[n] = i
	}
	return order, rank
}
