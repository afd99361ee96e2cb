package scheduler

import "github.com/gocess/gocess/ledger/runtime"

// Errors of the pallet.
var (
	ErrFailedToSchedule        = runtime.NewError(index, 0, "FailedToSchedule")        // the name is taken
	ErrNotFound                = runtime.NewError(index, 1, "NotFound")                // no such task
	ErrTargetBlockNumberInPast = runtime.NewError(index, 2, "TargetBlockNumberInPast") // tasks of that block have run
	ErrRescheduleNoChange      = runtime.NewError(index, 3, "RescheduleNoChange")      // part of the wire shape; never returned
	ErrNamed                   = runtime.NewError(index, 4, "Named")                   // part of the wire shape; never returned
)
