package scheduler

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// TaskName identifies a task to those who know its 32 bytes.
type TaskName = [32]byte

// TaskAddress is a task's block and its place in that block's agenda.
type TaskAddress struct {
	When  types.BlockNumber
	Index uint32
}

// Period is how many blocks pass between two runs and how many runs follow.
type Period struct {
	Blocks types.BlockNumber
	Count  uint32
}

// Scheduled is a task.
type Scheduled struct {
	MaybeID       scale.Option[TaskName] `type:"Option<Name>" scale:"maybe_id"`
	Priority      uint8                  `type:"schedule::Priority"` // the lowest runs first
	Call          BoundedCall            `type:"Call"`
	MaybePeriodic scale.Option[Period]   `type:"Option<schedule::Period<BlockNumber>>"`
	Origin        types.OriginCaller     `type:"PalletsOrigin"`
}

// ScaleType is upstream's `Scheduled`.
func (Scheduled) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_scheduler::Scheduled", Params: []scale.Param{
		{Name: "Name", Type: scale.TypeOf[TaskName]()},
		{Name: "Call", Type: scale.TypeOf[BoundedCall]()},
		{Name: "BlockNumber", Type: scale.TypeOf[types.BlockNumber]()},
		{Name: "PalletsOrigin", Type: scale.TypeOf[types.OriginCaller]()},
		{Name: "AccountId", Type: scale.TypeOf[substrate.AccountID]()},
	}}
}

// RetryConfig says how often, and after how many blocks each time, a failed
// task is tried again.
type RetryConfig struct {
	TotalRetries uint8             `type:"u8"`
	Remaining    uint8             `type:"u8"`
	Period       types.BlockNumber `type:"Period"`
}

// ScaleType is upstream's `RetryConfig`.
func (RetryConfig) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_scheduler::RetryConfig", Params: []scale.Param{
		{Name: "Period", Type: scale.TypeOf[types.BlockNumber]()},
	}}
}

// BoundedCall is an encoded call of bounded size: itself, or the hash of its
// preimage.
type BoundedCall interface{ boundedCall() }

// The variants of BoundedCall.
type (
	// LegacyCall names a preimage whose length is not known.
	LegacyCall struct {
		Hash substrate.H256 `type:"H::Output"`
	}
	InlineCall struct {
		Bytes scale.BoundedVec[byte, InlineBound] `scale:"_" type:"BoundedInline"`
	}
	LookupCall struct {
		Hash substrate.H256 `type:"H::Output"`
		Len  uint32         `type:"u32"`
	}
)

func (LegacyCall) boundedCall() {}
func (InlineCall) boundedCall() {}
func (LookupCall) boundedCall() {}

var _ = scale.RegisterEnum[BoundedCall](
	scale.TypeInfo{Path: "frame_support::traits::preimages::Bounded", Params: []scale.Param{
		{Name: "T", Type: callType}, {Name: "H", Type: scale.TypeOf[substrate.BlakeTwo256]()},
	}},
	scale.V[BoundedCall, LegacyCall](0, "Legacy"),
	scale.V[BoundedCall, InlineCall](1, "Inline"),
	scale.V[BoundedCall, LookupCall](2, "Lookup"),
)

// InlineBound is the longest call, in bytes, that is kept in the agenda.
type InlineBound struct{}

func (InlineBound) Max() int { return maxInline }

const maxInline = 128

// callType is the call that a BoundedCall stands for.
var callType = scale.TypeOf[runtime.RuntimeCall]()
