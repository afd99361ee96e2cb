package imonline

import (
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// Errors of the pallet.
var (
	ErrInvalidKey          = runtime.NewError(index, 0, "InvalidKey")
	ErrDuplicatedHeartbeat = runtime.NewError(index, 1, "DuplicatedHeartbeat")
)

// HeartbeatReceivedEvent would report a heartbeat transaction.
type HeartbeatReceivedEvent struct {
	AuthorityID types.ImOnlineKey `type:"T::AuthorityId"`
}

// AllGoodEvent reports a session in which all validators took part.
type AllGoodEvent struct{}

// SomeOfflineEvent reports the validators that took no part in a session.
type SomeOfflineEvent struct {
	Offline []staking.Identification `type:"Vec<IdentificationTuple<T>>"`
}

// Heartbeat says that a validator's node is up.
type Heartbeat struct {
	BlockNumber    types.BlockNumber `type:"BlockNumber"`
	SessionIndex   uint32            `type:"SessionIndex"`
	AuthorityIndex uint32            `type:"AuthIndex"`
	ValidatorsLen  uint32            `type:"u32"`
}

// ScaleType is upstream's `Heartbeat`.
func (Heartbeat) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_im_online::Heartbeat", Params: []scale.Param{
		{Name: "BlockNumber", Type: scale.TypeOf[types.BlockNumber]()},
	}}
}

// Signature is that of an im_online key.
type Signature [64]byte

// ScaleType is upstream's sr25519 signature of ImOnline.
func (Signature) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{
		Path: "pallet_im_online::sr25519::app_sr25519::Signature", FieldTypeName: "sr25519::Signature",
	}
}
