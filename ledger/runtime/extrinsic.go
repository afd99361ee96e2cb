package runtime

import (
	"errors"
	"fmt"

	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// extrinsicVersion is the format that blocks carry (spec/wire.md §3.1).
const (
	extrinsicVersion = 4
	signedFlag       = 0x80
)

// ErrExtrinsicFormat marks bytes that are not an extrinsic of this chain; RPC
// answers 1001 for it.
var ErrExtrinsicFormat = errors.New("extrinsic has invalid format")

// Extrinsic is a decoded extrinsic. Signature is nil for a bare one.
type Extrinsic struct {
	Signature *ExtrinsicSignature
	Call      RuntimeCall
}

// ExtrinsicSignature is the signer and the signed extensions of v137, in wire
// order: era ‖ compact(nonce) ‖ compact(tip).
type ExtrinsicSignature struct {
	Address   substrate.MultiAddress
	Signature substrate.MultiSignature
	Extra     Extra
}

// Extra is the part of the signed extensions that travels with an extrinsic.
type Extra struct {
	Era   substrate.Era
	Nonce uint32     `scale:"nonce,compact"`
	Tip   scale.U128 `scale:"tip,compact"`
}

// DecodeExtrinsic reads an extrinsic with its length prefix, of the newest
// version that this program knows. All bytes must be used.
func DecodeExtrinsic(raw []byte) (*Extrinsic, error) { return decodeIn(nil, raw) }

// DecodeExtrinsic reads an extrinsic of this runtime with its length prefix;
// calls of other versions are none. All bytes must be used.
func (rt *Runtime) DecodeExtrinsic(raw []byte) (*Extrinsic, error) { return decodeIn(rt, raw) }

func decodeIn(rt *Runtime, raw []byte) (*Extrinsic, error) {
	x, err := decodeExtrinsic(scopeOf(rt), raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrExtrinsicFormat, err)
	}
	return x, nil
}

func decodeExtrinsic(scope any, raw []byte) (*Extrinsic, error) {
	body, err := scale.Unmarshal[[]byte](raw)
	if err != nil {
		return nil, fmt.Errorf("length prefix: %w", err)
	}
	if len(body) == 0 {
		return nil, errors.New("empty")
	}
	d := scale.NewDecoder(body[1:])
	d.SetScope(scope)
	x := new(Extrinsic)
	switch body[0] {
	case signedFlag | extrinsicVersion:
		sig, err := scale.Decode[ExtrinsicSignature](d)
		if err != nil {
			return nil, fmt.Errorf("signature: %w", err)
		}
		x.Signature = &sig
	case extrinsicVersion, extrinsicVersion + 1:
	default:
		return nil, fmt.Errorf("unsupported version byte %#02x", body[0])
	}
	if x.Call, err = scale.Decode[RuntimeCall](d); err != nil {
		return nil, err
	}
	if n := d.Remaining(); n != 0 {
		return nil, fmt.Errorf("%d bytes after the call", n)
	}
	return x, nil
}

// Encode returns the wire form with its length prefix.
func (x *Extrinsic) Encode() ([]byte, error) {
	var body []byte
	var err error
	if x.Signature == nil {
		body = []byte{extrinsicVersion}
	} else if body, err = scale.Append([]byte{signedFlag | extrinsicVersion}, *x.Signature); err != nil {
		return nil, err
	}
	if body, err = scale.Append(body, x.Call); err != nil {
		return nil, err
	}
	return scale.Marshal(body)
}

// ExtrinsicHash is what clients know an extrinsic by: blake2-256 of the whole
// encoding with its length prefix.
func ExtrinsicHash(raw []byte) substrate.H256 { return crypto.Blake2b256(raw) }

// SigningPayload is the message that the signer of a call signs
// (spec/wire.md §3.2). birth is the hash of the era's birth block, the genesis
// hash if immortal.
func SigningPayload(call RuntimeCall, extra Extra, spec SpecVersion, genesis, birth substrate.H256) ([]byte, error) {
	b, err := scale.Append(nil, call)
	if err != nil {
		return nil, err
	}
	if b, err = scale.Append(b, extra); err != nil {
		return nil, err
	}
	if b, err = scale.Append(b, spec); err != nil {
		return nil, err
	}
	b = append(append(b, genesis[:]...), birth[:]...)
	if len(b) > 256 {
		sum := crypto.Blake2b256(b)
		return sum[:], nil
	}
	return b, nil
}

// SpecVersion is the pair of versions that signatures bind.
type SpecVersion struct{ Spec, Transaction uint32 }
