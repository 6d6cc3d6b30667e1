// Package ledger keeps two books and a journal, each with a lock of its own.
package ledger

import "sync"

// A Ledger says who owes how much, and who has paid how much.
type Ledger struct {
	owedMu sync.Mutex
	owed   map[string]int

	paidMu sync.Mutex
	paid   map[string]int

	journal Journal
}

// New returns an empty ledger.
func New() *Ledger {
	return &Ledger{owed: make(map[string]int), paid: make(map[string]int)}
}

// Pay moves money from what is owed to what is paid.
func (l *Ledger) Pay(who string, n int) {
	l.owedMu.Lock()
	defer l.owedMu.Unlock()
	l.paidMu.Lock()
	defer l.paidMu.Unlock()
	l.owed[who] -= n
	l.paid[who] += n
	l.journal.Note("paid by " + who)
}

// Refund moves it back.
func (l *Ledger) Refund(who string, n int) {
	l.paidMu.Lock()
	defer l.paidMu.Unlock()
	l.owedMu.Lock() // both books change, or none
	defer l.owedMu.Unlock()
	l.paid[who] -= n
	l.owed[who] += n
}

// A Journal has a line for each payment.
type Journal struct {
	mu    sync.Mutex
	lines []string
}

// Note adds a line.
func (j *Journal) Note(line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
}
