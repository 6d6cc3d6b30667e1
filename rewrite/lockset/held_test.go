package lockset_test

import "testing"

func TestHeldInBranches(t *testing.T) {
	run(t, []row{
		{"a lock is held from its acquisition to its release", `
			func (s *S) g() { at(""); s.mu.Lock(); at("s.mu"); s.mu.Unlock(); at("") }`},
		{"what one branch acquires is held on some paths", `
			func (s *S) g() { if cond { s.mu.Lock(); at("s.mu") }; at("s.mu?") }`},
		{"what both branches acquire is held", `
			func (s *S) g() { if cond { s.mu.Lock() } else { s.mu.Lock() }; at("s.mu") }`},
		{"what one branch releases is held on the other paths", `
			func (s *S) g() { s.mu.Lock(); if cond { s.mu.Unlock() }; at("s.mu?") }`},
		{"a branch that leaves does not count after it", `
			func (s *S) g() { s.mu.Lock(); if cond { s.mu.Unlock(); return }; at("s.mu"); s.mu.Unlock() }`},
		{"a loop body that balances changes nothing", `
			func (s *S) g() { for cond { at(""); s.mu.Lock(); at("s.mu"); s.mu.Unlock() }; at("") }`},
		{"a loop that acquires holds some of the time", `
			func (s *S) g() { for cond { at("s.mu?"); s.mu.Lock() }; at("s.mu?") }`},
		{"unlock and relock in a loop keeps it held", `
			func (s *S) g() { s.mu.Lock(); for cond { s.mu.Unlock(); at(""); s.mu.Lock() }; at("s.mu") }`},
		{"break leaves with what is held there", `
			func (s *S) g() { for { s.mu.Lock(); if cond { break }; s.mu.Unlock() }; at("s.mu") }`},
		{"continue carries what is held to the next round", `
			func (s *S) g() { for cond { at("s.mu?"); s.mu.Lock(); if other { continue }; s.mu.Unlock() } }`},
		{"a labelled break leaves both loops", `
			func (s *S) g() { out: for { for { s.mu.Lock(); break out } }; at("s.mu") }`},
		{"a labelled continue goes on in the outer loop", `
			func (s *S) g() { out: for cond { at("s.mu?"); for { s.mu.Lock(); continue out } } }`},
		{"goto carries what is held", `
			func (s *S) g() { s.mu.Lock(); if cond { goto end }; s.mu.Unlock(); s.mu.Lock(); end: at("s.mu") }`},
		{"a range loop runs any number of times", `
			func (s *S) g(xs []int) { for range xs { s.mu.Lock() }; at("s.mu?") }`},
		{"a loop for ever is left by break only", `
			func (s *S) g() { for { s.mu.Lock(); if cond { s.mu.Unlock(); return } ; s.mu.Unlock() }; at("dead") }`},
		{"the cases of a switch are alternatives", `
			func (s *S) g(n int) { switch n { case 1: s.mu.Lock(); case 2: at(""); s.mu.Lock(); default: s.mu.Lock() }; at("s.mu") }`},
		{"a switch without default may run none", `
			func (s *S) g(n int) { switch n { case 1: s.mu.Lock() }; at("s.mu?") }`},
		{"fallthrough goes on with what is held", `
			func (s *S) g(n int) { switch n { case 1: s.mu.Lock(); fallthrough; case 2: at("s.mu?") } }`},
		{"the default of a switch may stand first", `
			func (s *S) g(n int) { switch n { default: s.mu.Lock(); case 1: at("") }; at("s.mu?") }`},
		{"the cases of a type switch are alternatives", `
			func (s *S) g(x any) { switch x.(type) { case int: s.mu.Lock(); case string: at("") }; at("s.mu?") }`},
		{"break in a switch leaves the switch", `
			func (s *S) g(n int) { for cond { switch n { case 1: s.mu.Lock(); break }; at("s.mu?"); if other { s.mu.Unlock() } } }`},
		{"the clauses of a select are alternatives", `
			func (s *S) g() { select { case <-s.ch: s.mu.Lock(); at("s.mu"); case s.ch <- 1: at("") }; at("s.mu?") }`},
		{"a select without default runs one clause", `
			func (s *S) g() { select { case <-s.ch: s.mu.Lock(); case s.ch <- 1: s.mu.Lock() }; at("s.mu") }`},
		{"a select with default runs one clause or the default", `
			func (s *S) g() { select { case <-s.ch: s.mu.Lock(); default: s.mu.Lock() }; at("s.mu") }`},
		{"an empty select does not return", `
			func (s *S) g() { s.mu.Lock(); select {}; at("dead") }`},
		{"what && guards runs on some paths", `
			func (s *S) lock() bool { s.mu.Lock(); return true }
			func (s *S) g() { x := cond && s.lock(); at("s.mu?"); _ = x }`},
		{"panic ends the path", `
			func (s *S) g() { if cond { s.mu.Lock(); panic("x") }; at("") }`},
		{"os.Exit ends the path", `
			func (s *S) g() { if cond { s.mu.Lock(); os.Exit(1) }; at("") }`},
		{"a function that never returns ends the path", `
			func die() { panic("x") }
			func (s *S) g() { if cond { s.mu.Lock(); die() }; at("") }`},
		{"a function that waits for ever ends the path", `
			func serve() { for { f() } }
			func (s *S) g() { s.mu.Lock(); serve(); at("dead") }`},
		{"a function that recovers does return", `
			func try() { defer func() { _ = recover() }(); panic("x") }
			func (s *S) g() { s.mu.Lock(); try(); at("s.mu") }`},
		{"a literal that never returns ends the path", `
			func (s *S) g() { fail := func() { panic("x") }; s.mu.Lock(); if cond { fail() }; at("s.mu") }`},
		{"releasing the caller's lock is told", `
			func (s *S) g() { s.mu.Unlock(); at("-s.mu"); s.mu.Lock(); at("s.mu") }`},
		{"what a branch acquired is not the caller's when it is released", `
			func (s *S) g() { if cond { s.mu.Lock() }; if cond { s.mu.Unlock(); at("") } }`},
		{"releasing the caller's lock on one path only is not certain", `
			func (s *S) g() { if cond { s.mu.Unlock() }; at("") }`},
	})
}

func TestHeldAcrossDefers(t *testing.T) {
	run(t, []row{
		{"a deferred unlock holds to the end", `
			func (s *S) g() { s.mu.Lock(); defer s.mu.Unlock(); at("s.mu"); if cond { return }; at("s.mu") }`},
		{"a deferred call registered after the deferred unlock runs under the lock", `
			func (s *S) g() { s.mu.Lock(); defer s.mu.Unlock(); defer at("s.mu") }`},
		{"a deferred call registered before the deferred unlock runs after it", `
			func (s *S) g() { defer at(""); s.mu.Lock(); defer s.mu.Unlock() }`},
		{"deferred calls run latest first", `
			func (s *S) g() { defer at(""); s.mu.Lock(); defer s.mu.Unlock(); defer at("s.mu"); s.nu.Lock(); defer s.nu.Unlock(); defer at("s.mu s.nu") }`},
		{"a deferred closure unlocks", `
			func (s *S) g() { defer at(""); s.mu.Lock(); defer func() { at("s.mu"); s.mu.Unlock(); at("") }() }`},
		{"a deferred call runs on the exits after it only", `
			func (s *S) g() { if cond { return }; defer at("s.mu"); s.mu.Lock(); defer func() { _ = 1 }() }`},
		{"a defer in a branch may run", `
			func (s *S) g() { defer at("s.mu?"); s.mu.Lock(); if cond { s.mu.Unlock(); return } ; at("s.mu") }`},
		{"a defer in a branch ends what is held on that path only", `
			func (s *S) g() { defer at("s.mu?"); s.mu.Lock(); if cond { defer s.mu.Unlock() }; at("s.mu") }`},
		{"a defer in each branch ends what that branch acquired", `
			func (s *S) g() { defer at(""); if cond { s.mu.Lock(); defer s.mu.Unlock() } else { s.mu.Lock(); defer s.mu.Unlock() }; at("s.mu") }`},
		{"a defer beside an acquisition that another branch made ends its own only", `
			func (s *S) g() { defer at("s.mu?"); if cond { s.mu.Lock() } else { s.mu.Lock(); defer s.mu.Unlock() }; at("s.mu") }`},
		{"a defer in a branch leaves what is acquired after the branch", `
			func (s *S) g() { defer at("s.mu?"); if cond { defer s.mu.Unlock() }; s.mu.Lock() }`},
		{"a deferred lock in a branch restores what that branch released", `
			func (s *S) g() { defer at("s.mu?"); if cond { s.mu.Unlock(); defer func() { at("-s.mu"); s.mu.Lock() }() } }`},
		{"a deferred lock in a branch may have run", `
			func (s *S) g() { defer at("s.mu?"); if cond { defer s.mu.Lock() }; at("") }`},
		{"a once that runs inside itself goes on running", `
			func (s *S) g() { s.once.Do(func() { for cond { s.once.Do(func() {}); at("s.once") } }); at("") }`},
		{"a defer in a loop is registered once", `
			func (s *S) g() { defer at(""); for cond { s.mu.Lock(); defer s.mu.Unlock(); at("s.mu") } }`},
		{"the operands of a defer are evaluated where it stands", `
			func use(int)
			func (s *S) take() int { s.mu.Lock(); return 1 }
			func (s *S) g() { defer at("s.mu"); defer use(s.take()); at("s.mu") }`},
		{"a deferred call of a lock helper's result unlocks", `
			func (s *S) lock() func() { s.mu.Lock(); return func() { s.mu.Unlock() } }
			func (s *S) g() { defer at(""); defer s.lock()(); at("s.mu") }`},
		{"deferred calls run when a literal run in place returns", `
			func (s *S) g() { func() { s.mu.Lock(); defer s.mu.Unlock(); at("s.mu") }(); at("") }`},
		{"a defer of the surrounding function does not run in a literal", `
			func (s *S) g() { s.mu.Lock(); defer s.mu.Unlock(); func() { at("s.mu") }(); at("s.mu") }`},
		{"defer mu.Lock locks at the end", `
			func (s *S) g() { defer at("s.mu"); defer s.mu.Lock(); at("") }`},
		{"a deferred literal may unlock by condition", `
			func (s *S) g() { locked := true; s.mu.Lock(); defer at("s.mu?"); defer func() { if locked { s.mu.Unlock() } }(); at("s.mu"); locked = false }`},
	})
}

func TestHeldInLiterals(t *testing.T) {
	run(t, []row{
		{"a literal called at once runs where it stands", `
			func (s *S) g() { s.mu.Lock(); func() { at("s.mu"); s.mu.Unlock() }(); at("") }`},
		{"a literal that a synchronous function runs is under the lock", `
			func (s *S) g(xs []int) { s.mu.Lock(); sort.Slice(xs, func(i, j int) bool { at("s.mu"); return i < j }); at("s.mu") }`},
		{"a literal passed to a synchronous function runs any number of times", `
			func each(f func(int)) { f(1) }
			func (s *S) g() { each(func(int) { s.mu.Lock() }); at("s.mu?") }`},
		{"once.Do holds the Once around its function", `
			func (s *S) g() { s.once.Do(func() { at("s.once") }); at("") }`},
		{"a local closure runs where it is called", `
			func (s *S) g() { h := func() { at("s.mu?") }; h(); s.mu.Lock(); h(); at("s.mu") }`},
		{"a local closure locks for its caller", `
			func (s *S) g() { lock := func() { s.mu.Lock() }; lock(); at("s.mu"); s.mu.Unlock(); lock(); at("s.mu") }`},
		{"a goroutine starts with nothing held", `
			func (s *S) g() { s.mu.Lock(); go func() { at("") }(); at("s.mu") }`},
		{"a closure that is stored starts with nothing held", `
			var kept func()
			func (s *S) g() { s.mu.Lock(); kept = func() { at("") }; at("s.mu") }`},
		{"a closure that is returned starts with nothing held", `
			func (s *S) g() func() { s.mu.Lock(); return func() { at("") } }`},
		{"time.AfterFunc runs its function elsewhere", `
			func (s *S) g() { s.mu.Lock(); time.AfterFunc(1, func() { at("") }) }`},
		{"errgroup.Go runs its function elsewhere", `
			func (s *S) g(e *errgroup.Group) { s.mu.Lock(); e.Go(func() error { at(""); return nil }); at("s.mu") }`},
		{"a closure that is called and also passed on is both", `
			func keep(func())
			func (s *S) g() { h := func() { at("; s.mu") }; s.mu.Lock(); h(); keep(h) }`},
		{"a closure that is called and also started is both", `
			func (s *S) g() { h := func() { at("; s.mu") }; s.mu.Lock(); h(); go h() }`},
		{"a recursive literal ends", `
			func (s *S) g() { var h func(int); h = func(n int) { s.mu.Lock(); s.mu.Unlock(); if n > 0 { h(n-1) } }; h(3); at("") }`},
		{"a literal that calls itself through its one value ends", `
			type F func(F)
			func (s *S) g() { h := F(nil); h = func(x F) { x(x) }; h(h); at("") }`},
		{"a literal inside a literal is under both locks", `
			func (s *S) g() { s.mu.Lock(); func() { s.nu.Lock(); func() { at("s.mu s.nu") }(); s.nu.Unlock() }(); at("s.mu") }`},
		{"a return in a literal returns from the literal", `
			func (s *S) g() { s.mu.Lock(); func() { if cond { return }; at("s.mu") }(); at("s.mu") }`},
	})
}

func TestHeldAfterAttempts(t *testing.T) {
	run(t, []row{
		{"a TryLock in a condition is held where it is true", `
			func (s *S) g() { if s.mu.TryLock() { at("s.mu"); s.mu.Unlock() } else { at("") }; at("") }`},
		{"a negated TryLock that returns is held after", `
			func (s *S) g() { if !s.mu.TryLock() { at(""); return }; at("s.mu") }`},
		{"a variable tells the outcome of TryLock", `
			func (s *S) g() { ok := s.mu.TryLock(); at("s.mu?"); if ok { at("s.mu") } else { at("") } }`},
		{"a negated variable tells the outcome of TryLock", `
			func (s *S) g() { ok := s.mu.TryLock(); if !ok { at(""); return }; at("s.mu") }`},
		{"an if statement may define the variable", `
			func (s *S) g() { if ok := s.mu.TryLock(); ok { at("s.mu") } else { at("") } }`},
		{"a TryLock after && is held where both are true", `
			func (s *S) g() { if cond && s.mu.TryLock() { at("s.mu"); s.mu.Unlock() }; at("") }`},
		{"a TryLock before && is held where only it is true as well", `
			func (s *S) g() { if s.mu.TryLock() && cond { at("s.mu"); return }; at("s.mu?") }`},
		{"a negated TryLock in || is held after", `
			func (s *S) g() { if cond || !s.mu.TryLock() { at(""); return }; at("s.mu") }`},
		{"a TryLock whose result is dropped is held on some paths", `
			func (s *S) g() { s.mu.TryLock(); at("s.mu?") }`},
		{"a loop that spins on TryLock holds after", `
			func (s *S) g() { for !s.mu.TryLock() { at("") }; at("s.mu") }`},
		{"a case of a switch without tag tells the outcome of TryLock", `
			func (s *S) g() { switch { case s.mu.TryLock(): at("s.mu"); default: at("") } }`},
		{"TryRLock is held for reading", `
			func (s *S) g() { if s.rw.TryRLock() { at("s.rw/r") } }`},
		{"a helper that tries tells by its result", `
			func (s *S) try() bool { return s.mu.TryLock() }
			func (s *S) g() { if s.try() { at("s.mu"); s.mu.Unlock() } ; at("") }`},
		{"a helper of several returns that tries tells by its result", `
			func (s *S) try() bool { if !s.mu.TryLock() { return false }; return true }
			func (s *S) g() { if !s.try() { return }; at("s.mu") }`},
		{"a variable that is assigned anew tells nothing", `
			func (s *S) g() { ok := s.mu.TryLock(); ok = cond; if ok { at("s.mu?") } }`},
	})
}
