package fix

import "github.com/lockfix/lockfix/rewrite/hazard"

// A mender plans the edit of one fault, or says why there is none.
type mender func(*hazard.Fault) (*Plan, *Refusal)

// menders are the strategies for each sort of fault, best first.
var menders = map[hazard.FaultSort][]mender{
	hazard.LostWake:         {signalChange},
	hazard.LatePublish:      {publishBefore},
	hazard.SpawnWait:        {waitBehind},
	hazard.SelfSend:         {addCapacity},
	hazard.DrainedTimer:     {drainMaybe},
	hazard.AbandonedSend:    {addCapacity},
	hazard.UnloopedWait:     {waitAgain},
	hazard.UncheckedAcquire: {checkError},
	hazard.IgnoredContext:   {selectContext},
	hazard.IgnoredDone:      {selectDone},
	hazard.PartialWait:      {noEdit("results", "what to do with the other answer is for a person to say")},
	hazard.LeakPath:         {releaseBefore, deferRelease},
	hazard.LeakDropped:      {releaseOnError, noEdit("region", "the release belongs to the variable from here on, which each of these paths has to end")},
	hazard.LeakLoop:         {noEdit("region", "the body of the loop becomes a function of its own, or the release explicit: both is right")},
	hazard.LeakTwice:        {noEdit("once", "which of the two releases was meant is not known")},
	hazard.LeakNever:        {noEdit("region", "where the section is to end is not known")},
	hazard.LeakUnheld:       {noEdit("region", "where the section is to begin is not known")},
	hazard.LeakMode:         {sameMode},
	hazard.LeakRelock:       {unlockDeferred},
	hazard.EnvelopeDropped:  {releaseEnvelope},
	hazard.TokenOmitted:     {copyToken},
	hazard.GuardPath:        {deferEnd, createLater, endBefore},
	hazard.GuardIgnored:     {nameEnd, nameEndAfter},
	hazard.GuardStored:      {createLater, endBefore},
	hazard.GuardStarted:     {deferStarted},
	hazard.GuardGroup:       {createLater, cancelGroup},
	hazard.TimerLeft:        {deferStop},
	hazard.LockedForUnlock:  {unlockAgain},
	hazard.Relocked:         {lockedTwin, readItself, callBefore, callAfter, splitTwin},
	hazard.Reread:           {lockedTwin, readItself, callBefore, callAfter, splitTwin},
	hazard.Inverted:         {swapLocks},
}

// Mend plans one edit for a fault. No plan means that each strategy was refused,
// and why; no refusals, that the sort has no strategy.
func Mend(f *hazard.Fault) (*Plan, []Refusal) {
	var refusals []Refusal
	for _, try := range menders[f.Sort] {
		plan, refusal := try(f)
		if plan != nil {
			return plan, nil
		}
		if refusal != nil {
			refusals = append(refusals, *refusal)
		}
	}
	return nil, refusals
}
