package scheduler

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// ScheduledEvent reports a task's block and place.
type ScheduledEvent struct {
	When  types.BlockNumber `type:"BlockNumberFor<T>"`
	Index uint32            `type:"u32"`
}

// CanceledEvent reports a task that will not run.
type CanceledEvent struct {
	When  types.BlockNumber `type:"BlockNumberFor<T>"`
	Index uint32            `type:"u32"`
}

// DispatchedEvent carries the outcome of a task.
type DispatchedEvent struct {
	Task   TaskAddress              `type:"TaskAddress<BlockNumberFor<T>>"`
	ID     scale.Option[TaskName]   `type:"Option<TaskName>"`
	Result substrate.DispatchResult `type:"DispatchResult"`
}

// RetrySetEvent reports a task that will be tried again.
type RetrySetEvent struct {
	Task    TaskAddress            `type:"TaskAddress<BlockNumberFor<T>>"`
	ID      scale.Option[TaskName] `type:"Option<TaskName>"`
	Period  types.BlockNumber      `type:"BlockNumberFor<T>"`
	Retries uint8                  `type:"u8"`
}

// RetryCancelledEvent reports a task that will no longer be tried again.
type RetryCancelledEvent struct {
	Task TaskAddress            `type:"TaskAddress<BlockNumberFor<T>>"`
	ID   scale.Option[TaskName] `type:"Option<TaskName>"`
}

// CallUnavailableEvent reports a task whose call the chain does not have.
type CallUnavailableEvent struct {
	Task TaskAddress            `type:"TaskAddress<BlockNumberFor<T>>"`
	ID   scale.Option[TaskName] `type:"Option<TaskName>"`
}

// PeriodicFailedEvent reports a periodic task that found no place for its next
// run.
type PeriodicFailedEvent struct {
	Task TaskAddress            `type:"TaskAddress<BlockNumberFor<T>>"`
	ID   scale.Option[TaskName] `type:"Option<TaskName>"`
}

// RetryFailedEvent reports a failed task that found no place for its next try.
type RetryFailedEvent struct {
	Task TaskAddress            `type:"TaskAddress<BlockNumberFor<T>>"`
	ID   scale.Option[TaskName] `type:"Option<TaskName>"`
}

// PermanentlyOverweightEvent reports a task that fits into no block.
type PermanentlyOverweightEvent struct {
	Task TaskAddress            `type:"TaskAddress<BlockNumberFor<T>>"`
	ID   scale.Option[TaskName] `type:"Option<TaskName>"`
}
