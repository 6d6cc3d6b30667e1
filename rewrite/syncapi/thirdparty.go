package syncapi

// syncLike holds the modules that do what sync, context and time do: locks,
// groups, pools, clocks, retries.
var syncLike = table{
	"golang.org/x/sync/errgroup": {
		{"Group.Go Group.TryGo", starts(0)}, // Go waits for a slot after SetLimit: few set one, and the slots drain by themselves
		{"Group.Wait", waits("waits for the group")},
		{"Group.SetLimit WithContext", plain},
	},
	"golang.org/x/sync/semaphore": {
		{"NewWeighted", plain},
		{"Weighted.Acquire", slot},
		{"Weighted.TryAcquire", try(Write)},
		{"Weighted.Release", release},
	},
	"golang.org/x/sync/singleflight": {
		{"Group.Do", waits("waits for the call in flight").sync(1)},
		{"Group.DoChan", starts(1)},
		{"Group.Forget", plain},
	},
	"golang.org/x/sync/syncmap": {{"*", plain}},
	"golang.org/x/net/context":  {{"*", plain}},
	"golang.org/x/time/rate": {
		{"*", plain},
		{"Limiter.Wait Limiter.WaitN", sleep("waits for the rate limit")},
	},
	"github.com/marusama/semaphore": {
		{"Semaphore.Acquire", slot},
		{"Semaphore.TryAcquire", try(Write)},
		{"Semaphore.Release", release},
		{"*", plain},
		{"*.*", plain},
	},
	"github.com/sasha-s/go-deadlock": checkedSync,
	"github.com/linkdata/deadlock":   checkedSync,
	"gvisor.dev/gvisor/pkg/sync": {
		{"*", plain},
		{"Mutex.Lock RWMutex.Lock", acquire(Write)},
		{"Mutex.TryLock RWMutex.TryLock", try(Write)},
		{"Mutex.Unlock RWMutex.Unlock RWMutex.DowngradeLock", unlock(Write)},
		{"RWMutex.RLock", acquire(Read)},
		{"RWMutex.TryRLock", try(Read)},
		{"RWMutex.RUnlock", unlock(Read)},
		{"Gate.Close", waits("waits for those inside the gate")},
	},
	"github.com/gofrs/flock": {
		{"*", plain},
		{"Flock.Lock Flock.RLock Flock.TryLockContext Flock.TryRLockContext", file("waits for the file lock")},
	},
	"go.uber.org/atomic":    {{"*", plain}},
	"go.uber.org/ratelimit": {{"*", plain}, {"Limiter.Take", sleep("waits for the rate limit")}},
	"go.uber.org/fx":        {{"App.Start App.Stop App.Run", waits("waits for the application's hooks")}},

	// Groups and pools.
	"github.com/oklog/run": {
		{"Group.Add", starts(0, 1)},
		{"Group.Run", waits("waits for the group")},
		{"ContextHandler SignalHandler", plain},
	},
	"gopkg.in/tomb.v2":            tomb,
	"gopkg.in/tomb.v1":            tomb,
	"github.com/sourcegraph/conc": {{"WaitGroup.Go", starts(0)}, {"WaitGroup.Wait WaitGroup.WaitAndRecover", waits("waits for the group")}},
	"github.com/sourcegraph/conc/pool": {
		{"*", plain},
		{"*.Go", waits("waits for a worker").starts(0)},
		{"*.Wait", waits("waits for the pool")},
	},
	"github.com/panjf2000/ants": {
		{"*", plain},
		{"Submit Pool.Submit", waits("waits for a worker").starts(0)},
		{"PoolWithFunc.Invoke", waits("waits for a worker")},
	},
	"github.com/gammazero/workerpool": {
		{"*", plain},
		{"WorkerPool.Submit", starts(0)},
		{"WorkerPool.SubmitWait", waits("waits for the task").starts(0)},
		{"WorkerPool.Stop WorkerPool.StopWait WorkerPool.Pause", waits("waits for the workers")},
	},

	// Retries run their argument, and sleep between the runs.
	"github.com/cenkalti/backoff": {
		{"*", plain},
		{"BackOff.* BackOffContext.*", plain},
		{"Retry RetryNotify RetryNotifyWithTimer RetryWithData RetryNotifyWithData", sleep("sleeps between attempts")},
	},
	"github.com/avast/retry-go":   {{"*", plain}, {"Do DoWithData", sleep("sleeps between attempts")}},
	"github.com/jpillora/backoff": {{"*", plain}},

	// Clocks.
	"github.com/benbjohnson/clock": {
		{"*", plain},
		{"*.*", plain},
		{"*.Sleep", sleep("sleeps")},
		{"*.AfterFunc", starts(1)},
		{"Mock.Add Mock.Set Mock.WaitForAllTimers", waits("runs the timers that are due")},
	},
	"github.com/jonboulle/clockwork": {
		{"*", plain},
		{"*.*", plain},
		{"*.Sleep", sleep("sleeps")},
		{"*.AfterFunc", starts(1)},
		{"*.BlockUntil *.BlockUntilContext", waits("waits for sleepers")},
	},
	"k8s.io/utils/clock/...": {
		{"*", plain},
		{"*.*", plain},
		{"*.Sleep", sleep("sleeps")},
		{"*.AfterFunc", starts(1)},
	},

	// Kubernetes' own.
	"k8s.io/client-go/util/workqueue": {
		{"*", plain},
		{"*.*", plain},
		{"*.Get", waits("waits for an item")},
		{"*.ShutDownWithDrain", waits("waits for the items in work")},
		{"ParallelizeUntil", waits("waits for the pieces").sync(3)},
	},
	"k8s.io/apimachinery/pkg/util/wait": {
		{"*", plain},
		{"Backoff.Step", plain},
		{"Group.Start Group.StartWithChannel Group.StartWithContext", starts()},
		{"Group.Wait", waits("waits for the group")},
		{"Until UntilWithContext NonSlidingUntil NonSlidingUntilWithContext JitterUntil JitterUntilWithContext BackoffUntil BackoffUntilWithContext Forever", sleep("runs its argument for ever")},
		{"Poll PollImmediate PollUntil PollImmediateUntil PollInfinite PollImmediateInfinite PollWithContext PollImmediateWithContext", sleep("sleeps between attempts")},
		{"PollUntilContextCancel PollUntilContextTimeout PollUntilWithContext PollImmediateUntilWithContext", sleep("sleeps between attempts")},
		{"ExponentialBackoff ExponentialBackoffWithContext", sleep("sleeps between attempts")},
	},
	"k8s.io/client-go/util/retry": {{"RetryOnConflict OnError", sleep("sleeps between attempts")}},
	"k8s.io/client-go/util/flowcontrol": {
		{"*", plain},
		{"*.*", plain},
		{"RateLimiter.Accept RateLimiter.Wait", sleep("waits for the rate limit")},
	},
	"k8s.io/client-go/tools/cache": {
		{"Store.* Indexer.* ThreadSafeStore.* KeyGetter.*", plain},
		{"SharedInformer.Run SharedInformer.RunWithContext Controller.Run Controller.RunWithContext", waits("runs until it is stopped")},
		{"SharedInformer.* SharedIndexInformer.* Controller.HasSynced Controller.LastSyncResourceVersion", plain},
		{"WaitForCacheSync WaitForNamedCacheSync", waits("waits for the caches")},
		{"*.Pop", waits("waits for an item")},
	},
	"k8s.io/client-go/tools/record": {{"EventRecorder.* EventRecorderLogger.*", plain}},
}

var slot = Entry{Kind: Acquire, Class: Waits, What: "waits for the semaphore"}

// checkedSync is sync as the run-time lock checkers copy it.
var checkedSync = []row{
	{"Mutex.Lock RWMutex.Lock", acquire(Write)},
	{"Mutex.TryLock RWMutex.TryLock", try(Write)},
	{"Mutex.Unlock RWMutex.Unlock", unlock(Write)},
	{"RWMutex.RLock", acquire(Read)},
	{"RWMutex.TryRLock", try(Read)},
	{"RWMutex.RUnlock", unlock(Read)},
	{"RWMutex.RLocker", plain},
}

var tomb = []row{
	{"Tomb.Go", starts(0)},
	{"Tomb.Wait", waits("waits for the goroutines of the tomb")},
	{"Tomb.Kill Tomb.Killf", wake},
	{"Tomb.*", plain},
}
