package syncapi

var thirdParty = table{
	"golang.org/x/sync/errgroup": {
		{"Group.Go Group.TryGo", starts(0)},
		{"Group.Wait", waits("waits for the group")},
		{"Group.SetLimit WithContext", plain},
	},
	"golang.org/x/sync/semaphore": {
		{"NewWeighted", plain},
		{"Weighted.Acquire", Entry{Kind: Acquire, Class: Waits, What: "waits for the semaphore"}},
		{"Weighted.TryAcquire", try(Write)},
		{"Weighted.Release", release},
	},
	"golang.org/x/sync/singleflight": {
		{"Group.Do", waits("waits for the call in flight").sync(1)},
		{"Group.DoChan", starts(1)},
		{"Group.Forget", plain},
	},
}
