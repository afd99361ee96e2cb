package upgrade

import "github.com/gocess/gocess/ledger/types"

// ScheduledEvent reports an upgrade to come.
type ScheduledEvent struct {
	SpecVersion uint32            `type:"u32"`
	Height      types.BlockNumber `type:"BlockNumberFor<T>"` // the first block of the version
}

// CancelledEvent reports an upgrade that will not come.
type CancelledEvent struct {
	SpecVersion uint32            `type:"u32"`
	Height      types.BlockNumber `type:"BlockNumberFor<T>"`
}
