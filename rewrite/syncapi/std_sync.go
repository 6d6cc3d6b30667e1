package syncapi

// stdSync holds the packages that exist to make goroutines wait for each other.
var stdSync = table{
	"sync": {
		{"Mutex.Lock RWMutex.Lock Locker.Lock", acquire(Write)},
		{"Mutex.TryLock RWMutex.TryLock", try(Write)},
		{"Mutex.Unlock RWMutex.Unlock Locker.Unlock", unlock(Write)},
		{"RWMutex.RLock", acquire(Read)},
		{"RWMutex.TryRLock", try(Read)},
		{"RWMutex.RUnlock", unlock(Read)},
		{"RWMutex.RLocker NewCond", plain},
		{"WaitGroup.Add WaitGroup.Done", wake}, // Add(-1) is Done
		{"WaitGroup.Wait", waits("waits for the group")},
		{"WaitGroup.Go", starts(0)},
		{"Cond.Wait", Entry{Kind: CondWait, Class: Waits, What: "waits for a signal"}},
		{"Cond.Signal Cond.Broadcast", wake},
		{"Once.Do", Entry{Kind: Once, Class: Locks, Sync: []int{0}, What: "waits for the first call to end"}},
		{"OnceFunc OnceValue OnceValues", starts(0)},
		{"Pool.Get Pool.Put", plain}, // Get may run New, which by custom only allocates
		{"Map.Range", calls(0)},
		{"Map.*", plain},
	},
	"sync/atomic": {{"*", plain}},
	"context": {
		{"*", plain},
		{"Context.*", plain},
		{"AfterFunc", starts(1)},
	},
	"time": {
		{"*", plain},
		{"Sleep", sleep("sleeps")},
		{"AfterFunc", starts(1)},
	},
	"os/signal": {{"*", plain}},
	"runtime": {
		{"*", plain},
		{"Error.*", plain},
		{"Goexit", exits},
		{"SetFinalizer", starts(1)},
		{"AddCleanup", starts(1)},
	},
	"runtime/debug": {{"*", plain}},
	"iter":          {{"*", plain}, {"Pull Pull2", starts(0)}},
	"testing": {
		{"*", plain},
		{"common.Fatal common.Fatalf common.FailNow common.Skip common.Skipf common.SkipNow", exits},
		{"common.Cleanup", starts(0)},
		{"T.Run", waits("waits for the subtest").sync(1)},
		{"B.Run", waits("waits for the benchmark").sync(1)},
		{"F.Fuzz", waits("waits for the fuzz target").sync(0)},
		{"B.RunParallel", waits("waits for the goroutines of the benchmark").sync(0)},
		{"T.Parallel", waits("waits for other tests")},
		{"M.Run", waits("waits for the tests")},
		{"TB.Fatal TB.Fatalf TB.FailNow TB.Skip TB.Skipf TB.SkipNow", exits},
		{"TB.Cleanup", starts(0)},
		{"TB.*", plain},
		{"Benchmark", waits("waits for the benchmark").sync(0)},
	},
	"testing/synctest": {
		{"Test", waits("waits for the bubble").sync(1)},
		{"Wait", waits("waits for the bubble's goroutines to block")},
	},
}
