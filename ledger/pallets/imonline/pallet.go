// Package imonline finds validators that took no part in a whole session. A vote
// on a block is a sign of life, and so is a block of one's own; the heartbeat
// transactions of the reference chain are not needed (spec/consensus.md §9.3).
package imonline

import (
	"math"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "ImOnline"
	index = 23
)

// KeyBound is the most keys that a session has (upstream's MaxKeys).
type KeyBound struct{}

func (KeyBound) Max() int { return 10_000 }

// Storage.
var (
	// HeartbeatAfter is the block after the middle of the session, from which on
	// upstream's validators send heartbeats.
	HeartbeatAfter = runtime.NewValue[types.BlockNumber](name, "HeartbeatAfter")

	// Keys are those of the session's validators, in their order.
	Keys = runtime.NewValue[scale.WeakBoundedVec[types.ImOnlineKey, KeyBound]](name, "Keys")

	// ReceivedHeartbeats has, by session and index, the validators that voted.
	ReceivedHeartbeats = runtime.NewOptionalDoubleMap[uint32, uint32, bool](
		name, "ReceivedHeartbeats", runtime.Twox64Concat, runtime.Twox64Concat)

	// AuthoredBlocks counts blocks by session and author.
	AuthoredBlocks = runtime.NewDoubleMap[uint32, substrate.AccountID, uint32](
		name, "AuthoredBlocks", runtime.Twox64Concat, runtime.Twox64Concat)
)

// UnsignedPriority has the value of the reference network. Nothing uses it.
var UnsignedPriority = runtime.NewConstant[uint64](name, "UnsignedPriority", math.MaxUint64)

// Pallet is the declaration page of ImOnline: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:    name,
	Index:   index,
	Storage: []runtime.StorageItem{HeartbeatAfter, Keys, ReceivedHeartbeats, AuthoredBlocks},
	Calls: runtime.Calls("pallet_im_online::pallet::Call",
		runtime.NewCall[HeartbeatCall](0, "heartbeat", runtime.Work(2, 0)),
	),
	Events: runtime.Events("pallet_im_online::pallet::Event",
		runtime.Event[HeartbeatReceivedEvent](0, "HeartbeatReceived"),
		runtime.Event[AllGoodEvent](1, "AllGood"),
		runtime.Event[SomeOfflineEvent](2, "SomeOffline"),
	),
	Errors: runtime.Errors("pallet_im_online::pallet::Error",
		ErrInvalidKey, ErrDuplicatedHeartbeat,
	),
	Constants: []runtime.ConstantItem{UnsignedPriority},
	Unsigned:  rules{},
}
