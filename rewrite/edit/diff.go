package edit

import (
	"bytes"
	"strings"
)

// maxChanges bounds the search for a smallest difference, which takes memory
// in its square. Texts further apart than that differ in one piece.
const maxChanges = 2000

// Difference returns the edits that turn old into new. They replace whole
// lines, as few as possible.
func Difference(old, new []byte) []Edit {
	a, b := lines(old), lines(new)
	offsets := make([]int, len(a)+1)
	for i, line := range a {
		offsets[i+1] = offsets[i] + len(line)
	}
	var edits []Edit
	for _, h := range difference(a, b) {
		edits = append(edits, Edit{offsets[h.a0], offsets[h.a1], strings.Join(b[h.b0:h.b1], "")})
	}
	return edits
}

// A hunk says that lines [a0, a1) of one text became [b0, b1) of another.
type hunk struct{ a0, a1, b0, b1 int }

// lines splits a text behind each newline; the last line may have none.
func lines(text []byte) []string {
	if len(text) == 0 {
		return nil
	}
	out := strings.SplitAfter(string(text), "\n")
	if bytes.HasSuffix(text, []byte("\n")) {
		out = out[:len(out)-1]
	}
	return out
}

// difference returns the hunks between two lists of lines, in order and none
// touching the next.
func difference(a, b []string) []hunk {
	lo := 0
	for lo < len(a) && lo < len(b) && a[lo] == b[lo] {
		lo++
	}
	ahi, bhi := len(a), len(b)
	for ahi > lo && bhi > lo && a[ahi-1] == b[bhi-1] {
		ahi, bhi = ahi-1, bhi-1
	}
	hunks := myers(a[lo:ahi], b[lo:bhi])
	for i := range hunks {
		h := &hunks[i]
		h.a0, h.a1, h.b0, h.b1 = h.a0+lo, h.a1+lo, h.b0+lo, h.b1+lo
	}
	return slide(a, b, hunks)
}

// myers is the greedy algorithm of "An O(ND) Difference Algorithm": the
// furthest reaching path with d changes on each diagonal k = x - y, d growing.
func myers(a, b []string) []hunk {
	if len(a) == 0 && len(b) == 0 {
		return nil
	}
	limit := min(len(a)+len(b), maxChanges)
	v := make([]int32, 2*limit+3) // v[limit+1+k]: the furthest x on diagonal k
	var trace [][]int32           // of each d, the part of v it may have used
	for d := 0; d <= limit; d++ {
		mid := limit + 1
		trace = append(trace, append([]int32(nil), v[mid-d-1:mid+d+2]...))
		for k := -d; k <= d; k += 2 {
			x := int(v[mid+k-1]) + 1
			if k == -d || k != d && v[mid+k-1] < v[mid+k+1] {
				x = int(v[mid+k+1])
			}
			for x < len(a) && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			v[mid+k] = int32(x)
			if x >= len(a) && x-k >= len(b) {
				return backtrack(len(a), len(b), trace)
			}
		}
	}
	return []hunk{{0, len(a), 0, len(b)}}
}

// backtrack walks the path from the end, collecting its changes into hunks.
func backtrack(x, y int, trace [][]int32) []hunk {
	var rev []hunk
	for d := len(trace) - 1; d > 0; d-- {
		v, k := trace[d], x-y
		at := func(k int) int { return int(v[d+1+k]) }
		prev := k - 1
		if k == -d || k != d && at(k-1) < at(k+1) {
			prev = k + 1
		}
		px := at(prev)
		py := px - prev
		h := hunk{px, px, py, py + 1} // an inserted line
		if prev == k-1 {
			h = hunk{px, px + 1, py, py} // a deleted one
		}
		if n := len(rev); n > 0 && rev[n-1].a0 == h.a1 && rev[n-1].b0 == h.b1 {
			rev[n-1].a0, rev[n-1].b0 = h.a0, h.b0
		} else {
			rev = append(rev, h)
		}
		x, y = px, py
	}
	for i, j := 0, len(rev)-1; i < j; i, j = i+1, j-1 {
		rev[i], rev[j] = rev[j], rev[i]
	}
	return rev
}
