package teeworker

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// MasterPublicKey is the sr25519 key with which workers sign results.
type MasterPublicKey = [32]byte

// LaunchStatus is the state of the master key.
type LaunchStatus interface{ launchStatus() }

// The variants of LaunchStatus.
type (
	NotLaunched struct{}
	Launching   struct {
		Holder types.WorkerPublicKey `scale:"_" type:"WorkerPublicKey"`
	}
	Launched struct {
		Key MasterKeyInfo `scale:"_" type:"MasterKeyInfo<T>"`
	}
)

func (NotLaunched) launchStatus() {}
func (Launching) launchStatus()   {}
func (Launched) launchStatus()    {}

var _ = scale.RegisterEnum[LaunchStatus](
	scale.TypeInfo{Path: "pallet_tee_worker::pallet::LaunchStatus", Params: []scale.Param{{Name: "T"}}},
	scale.V[LaunchStatus, NotLaunched](0, "NotLaunched"),
	scale.V[LaunchStatus, Launching](1, "Launching"),
	scale.V[LaunchStatus, Launched](2, "Launched"),
)

// MasterKeyInfo is a master key and the worker that made it or took it over.
type MasterKeyInfo struct {
	PublicKey  MasterPublicKey       `scale:"pubkey" type:"MasterPublicKey"`
	Holder     types.WorkerPublicKey `type:"WorkerPublicKey"`
	LaunchedAt LaunchTime            `type:"(BlockNumberFor<T>, u64)"`
}

func (MasterKeyInfo) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_tee_worker::pallet::MasterKeyInfo", Params: []scale.Param{{Name: "T"}}}
}

// LaunchTime is a block and its time in Unix seconds.
type LaunchTime struct {
	Block       types.BlockNumber `scale:"_"`
	UnixSeconds uint64            `scale:"_"`
}

// Delivery is a master key on its way, and the block that carried it.
type Delivery struct {
	Block   types.BlockNumber          `scale:"_"`
	Payload MasterKeyDistributePayload `scale:"_"`
}

// MasterKeyLaunchPayload is what the launcher signs with its worker key, as
// plain SCALE bytes.
type MasterKeyLaunchPayload struct {
	Launcher     types.WorkerPublicKey `type:"WorkerPublicKey"`
	MasterPubkey MasterPublicKey       `type:"MasterPublicKey"`
}

func (MasterKeyLaunchPayload) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "ces_types::MasterKeyLaunchPayload"}
}

// MasterKeyApplyPayload is what a worker signs to get the master key, as plain
// SCALE bytes.
type MasterKeyApplyPayload struct {
	PublicKey     types.WorkerPublicKey `scale:"pubkey" type:"WorkerPublicKey"`
	ECDHPublicKey ECDHPublicKey         `scale:"ecdh_pubkey" type:"EcdhPublicKey"`
	SigningTime   uint64                `type:"u64"` // Unix seconds
}

func (MasterKeyApplyPayload) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "ces_types::MasterKeyApplyPayload"}
}

// MasterKeyDistributePayload is what the distributor signs, as plain SCALE
// bytes.
type MasterKeyDistributePayload struct {
	Distributor        types.WorkerPublicKey `type:"WorkerPublicKey"`
	Target             types.WorkerPublicKey `type:"WorkerPublicKey"`
	ECDHPublicKey      ECDHPublicKey         `scale:"ecdh_pubkey" type:"EcdhPublicKey"` // the distributor's
	EncryptedMasterKey []byte                `type:"Vec<u8>"`                           // AES-256-GCM
	IV                 [12]byte              `scale:"iv" type:"AeadIV"`
	SigningTime        uint64                `type:"u64"` // Unix seconds
}

func (MasterKeyDistributePayload) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "ces_types::MasterKeyDistributePayload"}
}
