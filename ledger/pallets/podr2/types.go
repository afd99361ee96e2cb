package podr2

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	scheme "github.com/gocess/gocess/storage/podr2"
)

// Digest is the SHA-256 that names a fragment.
type Digest = [32]byte

// Slot is the place of a fragment in its miner's list, and how often the miner
// was given it: equal fragments of several segments are stored, and asked for,
// once.
type Slot struct {
	Index  uint32 `type:"u32"`
	Copies uint32 `type:"u32"`
}

func (Slot) ScaleType() scale.TypeInfo { return typeInfo("Slot") }

// FrozenList is what an open challenge asks about: the first Count fragments
// of the miner's list as it was when block Start began.
type FrozenList struct {
	Start   types.BlockNumber   `type:"BlockNumber"`
	Count   uint32              `type:"u32"`
	Version uint8               `type:"u8"`            // of PoDR², chosen by the miner before
	Key     scale.Option[KeyID] `type:"Option<KeyID>"` // of the tagger; none if no key was registered
}

func (FrozenList) ScaleType() scale.TypeInfo { return typeInfo("FrozenList") }

// FrozenID names the list that one challenge froze.
type FrozenID struct {
	Miner substrate.AccountID `type:"AccountId"`
	Start types.BlockNumber   `type:"BlockNumber"`
}

func (FrozenID) ScaleType() scale.TypeInfo { return typeInfo("FrozenID") }

// KeyID names a tagger's key (storage/podr2.KeyID).
type KeyID = [32]byte

// TaggerKeyBytes is a tagger's public key, 193 bytes (storage/podr2.PublicKey).
type TaggerKeyBytes = scale.BoundedVec[byte, TaggerKeyBound]

// TaggerKeyBound is the length of a tagger's key.
type TaggerKeyBound struct{}

func (TaggerKeyBound) Max() int { return scheme.PublicKeySize }

func typeInfo(name string) scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_podr2::types::" + name}
}
