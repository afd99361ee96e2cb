package consensus

import (
	"errors"
	"fmt"
	goruntime "runtime"

	"github.com/gocess/gocess/ledger/runtime"
)

// The chain says with each block which runtime runs the next one. A program that
// does not have that one stops between the two: its data is complete up to there,
// and another program goes on with it.

// nextVersion is the spec version of the runtime that runs the block after parent,
// 0 if the program does not have it; then the node stops. a.mu is held.
func (a *app) nextVersion(parent runtime.Parent) (uint32, error) {
	rt, err := a.cfg.Runtime.Next(parent)
	switch {
	case isUnknownVersion(err):
		_ = a.fail(fmt.Sprintf("stop after block %d", parent.Number), err) // the block itself is fine
		return 0, nil
	case err != nil:
		return 0, err
	}
	if now, err := a.cfg.Runtime.Last(parent); err == nil && now != rt {
		a.log.Info("runtime upgrade", "block", parent.Number+1,
			"from", now.Version().SpecVersion, "to", rt.Version().SpecVersion)
	}
	return rt.Version().SpecVersion, nil
}

func isUnknownVersion(err error) bool {
	_, ok := errors.AsType[*runtime.UnknownVersionError](err)
	return ok
}

// stop is fail for a decided block. CometBFT panics when it cannot execute one; of
// a panic while it fetches blocks the process dies. That is no way to end for a
// program that only is too old, so then the fetcher's goroutine ends instead, and
// the node is closed by whoever reads Err.
func (a *app) stop(step string, err error) error {
	failure := a.fail(step, err)
	if isUnknownVersion(err) && a.catchingUp != nil && a.catchingUp() {
		goruntime.Goexit()
	}
	return failure
}
