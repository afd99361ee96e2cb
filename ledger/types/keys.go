package types

import (
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Public session keys. Each kind has a type of its own so that metadata, and
// the compiler, keep them apart.
type (
	// GrandpaKey is ed25519; it is also the validator's consensus key.
	GrandpaKey [32]byte
	// BabeKey is sr25519; it makes the verifiable randomness.
	BabeKey [32]byte
	// ImOnlineKey is sr25519.
	ImOnlineKey [32]byte
	// AuthorityDiscoveryKey is sr25519.
	AuthorityDiscoveryKey [32]byte
	// BeefyKey is a compressed secp256k1 key.
	BeefyKey [33]byte
)

func (GrandpaKey) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_consensus_grandpa::app::Public", FieldTypeName: "ed25519::Public"}
}

func (BabeKey) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_consensus_babe::app::Public", FieldTypeName: "sr25519::Public"}
}

func (ImOnlineKey) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_im_online::sr25519::app_sr25519::Public", FieldTypeName: "sr25519::Public"}
}

func (AuthorityDiscoveryKey) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_authority_discovery::app::Public", FieldTypeName: "sr25519::Public"}
}

func (BeefyKey) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_consensus_beefy::ecdsa_crypto::Public", FieldTypeName: "ecdsa::Public"}
}

// SessionKeys are the keys that a validator registers; 161 bytes.
type SessionKeys struct {
	Grandpa            GrandpaKey            `type:"<Grandpa as $crate::BoundToRuntimeAppPublic>::Public"`
	Babe               BabeKey               `type:"<Babe as $crate::BoundToRuntimeAppPublic>::Public"`
	ImOnline           ImOnlineKey           `type:"<ImOnline as $crate::BoundToRuntimeAppPublic>::Public"`
	AuthorityDiscovery AuthorityDiscoveryKey `type:"<AuthorityDiscovery as $crate::BoundToRuntimeAppPublic>::Public"`
	Beefy              BeefyKey              `type:"<Beefy as $crate::BoundToRuntimeAppPublic>::Public"`
}

// ScaleType is the runtime's `SessionKeys`.
func (SessionKeys) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "cess_node_runtime::SessionKeys"}
}

// The kinds of session keys in `Session.KeyOwner`, in the order of SessionKeys.
var (
	KeyTypeGrandpa            = substrate.KeyTypeID([]byte("gran"))
	KeyTypeBabe               = substrate.KeyTypeID([]byte("babe"))
	KeyTypeImOnline           = substrate.KeyTypeID([]byte("imon"))
	KeyTypeAuthorityDiscovery = substrate.KeyTypeID([]byte("audi"))
	KeyTypeBeefy              = substrate.KeyTypeID([]byte("beef"))
)
