// Package scheduler runs calls at blocks to come: once or periodically, under
// a name or without, and again after a failure if asked to. Each block gives
// due tasks up to MaximumWeight, the most urgent first; what does not fit runs
// in the next block.
package scheduler

import (
	"math"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "Scheduler"
	index = 32
)

// Storage.
var (
	// IncompleteSince is the first block whose agenda has tasks left, while
	// the chain is behind.
	IncompleteSince = runtime.NewOptionalValue[types.BlockNumber](name, "IncompleteSince")

	// Agendas are the tasks of a block. A task keeps its place; the places of
	// those that are gone are empty.
	Agendas = runtime.NewMap[types.BlockNumber, Agenda](name, "Agenda", runtime.Twox64Concat)

	// Retries say how to go on after a task fails.
	Retries = runtime.NewOptionalMap[TaskAddress, RetryConfig](name, "Retries", runtime.Blake2_128Concat)

	// Lookup finds the task of a name.
	Lookup = runtime.NewOptionalMap[TaskName, TaskAddress](name, "Lookup", runtime.Twox64Concat)
)

// Constants, with the values of the reference network.
var (
	// MaximumWeight is what the tasks of one block may take: 80 % of it.
	MaximumWeight = runtime.NewConstant(name, "MaximumWeight", substrate.Weight{
		RefTime: 1_600_000_000_000, ProofSize: math.MaxUint64 / 5 * 4,
	})
	MaxScheduledPerBlock = runtime.NewConstant[uint32](name, "MaxScheduledPerBlock", maxScheduled)
)

// Pallet is the declaration page of Scheduler: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		IncompleteSince,
		Agendas,
		Retries,
		Lookup,
	},
	Calls: runtime.Calls("pallet_scheduler::pallet::Call",
		runtime.NewCall[Schedule](0, "schedule", runtime.Work(2, 3)),
		runtime.NewCall[Cancel](1, "cancel", runtime.Work(2, 5)),
		runtime.NewCall[ScheduleNamed](2, "schedule_named", runtime.Work(3, 4)),
		runtime.NewCall[CancelNamed](3, "cancel_named", runtime.Work(3, 5)),
		runtime.NewCall[ScheduleAfter](4, "schedule_after", runtime.Work(2, 3)),
		runtime.NewCall[ScheduleNamedAfter](5, "schedule_named_after", runtime.Work(3, 4)),
		runtime.NewCall[SetRetry](6, "set_retry", runtime.Work(1, 1)),
		runtime.NewCall[SetRetryNamed](7, "set_retry_named", runtime.Work(2, 1)),
		runtime.NewCall[CancelRetry](8, "cancel_retry", runtime.Work(1, 1)),
		runtime.NewCall[CancelRetryNamed](9, "cancel_retry_named", runtime.Work(2, 1)),
	),
	Events: runtime.Events("pallet_scheduler::pallet::Event",
		runtime.Event[ScheduledEvent](0, "Scheduled"),
		runtime.Event[CanceledEvent](1, "Canceled"),
		runtime.Event[DispatchedEvent](2, "Dispatched"),
		runtime.Event[RetrySetEvent](3, "RetrySet"),
		runtime.Event[RetryCancelledEvent](4, "RetryCancelled"),
		runtime.Event[CallUnavailableEvent](5, "CallUnavailable"),
		runtime.Event[PeriodicFailedEvent](6, "PeriodicFailed"),
		runtime.Event[RetryFailedEvent](7, "RetryFailed"),
		runtime.Event[PermanentlyOverweightEvent](8, "PermanentlyOverweight"),
	),
	Errors: runtime.Errors("pallet_scheduler::pallet::Error",
		ErrFailedToSchedule, ErrNotFound, ErrTargetBlockNumberInPast, ErrRescheduleNoChange, ErrNamed,
	),
	Constants:    []runtime.ConstantItem{MaximumWeight, MaxScheduledPerBlock},
	OnInitialize: onInitialize,
}

// maxScheduled bounds an agenda.
const maxScheduled = 50

// AgendaBound is maxScheduled, checked while decoding.
type AgendaBound struct{}

func (AgendaBound) Max() int { return maxScheduled }

// Agenda are the tasks of a block, by place.
type Agenda = scale.BoundedVec[scale.Option[Scheduled], AgendaBound]
