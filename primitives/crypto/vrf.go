package crypto

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/ChainSafe/go-schnorrkel"
	"github.com/gtank/merlin"
)

// The sr25519 VRF, in the variant that every Substrate chain uses (schnorrkel's "Kusama" ordering). For one key and one
// transcript there is exactly one valid pre-output, so a signer cannot choose its randomness; the proof is randomised.
// Rule: spec/consensus.md §2.3 and §9.

// BabeVRFLabel is the transcript label of BABE.
const BabeVRFLabel = "BABE"

// maxVRFBytes is the most that MakeBytes yields at once.
const maxVRFBytes = schnorrkel.MAX_VRF_BYTES

var (
	// ErrVRF is returned for a proof that does not hold.
	ErrVRF = errors.New("VRF proof does not verify")
	// ErrVRFKey is returned for keys of another scheme than sr25519 and for malformed public keys.
	ErrVRFKey = errors.New("the VRF needs an sr25519 key")
)

// VRFPart is one labelled message of a VRF transcript.
type VRFPart struct {
	Label string
	Data  []byte
}

// BabeVRFParts returns the messages of a BABE transcript, which follow the label BabeVRFLabel.
func BabeVRFParts(slot, epoch uint64, randomness [32]byte) []VRFPart {
	return []VRFPart{
		{"slot number", binary.LittleEndian.AppendUint64(nil, slot)},
		{"current epoch", binary.LittleEndian.AppendUint64(nil, epoch)},
		{"chain randomness", randomness[:]},
	}
}

func transcript(label string, parts []VRFPart) *merlin.Transcript {
	t := merlin.NewTranscript(label)
	for _, part := range parts {
		t.AppendMessage([]byte(part.Label), part.Data)
	}
	return t
}

// VRFSign evaluates the VRF of an sr25519 pair on a transcript. It fails with ErrVRFKey for pairs without an sr25519
// secret at hand.
func VRFSign(pair Pair, label string, parts ...VRFPart) (preOutput [32]byte, proof [64]byte, err error) {
	p, ok := pair.(*Sr25519Pair)
	if !ok {
		return preOutput, proof, ErrVRFKey
	}
	out, dleq, err := p.schnorrkel().VrfSign(transcript(label, parts))
	if err != nil {
		return preOutput, proof, fmt.Errorf("sign VRF: %w", err)
	}
	return out.Output().Encode(), dleq.Encode(), nil
}

// VRFVerify checks a VRF signature and returns the output to draw randomness from. The error is ErrVRFKey or ErrVRF.
func VRFVerify(public []byte, preOutput [32]byte, proof [64]byte, label string, parts ...VRFPart) (*VRFOutput, error) {
	key, err := vrfKey(public)
	if err != nil {
		return nil, err
	}
	out, err := schnorrkel.NewOutput(preOutput)
	if err != nil {
		return nil, fmt.Errorf("%w: bad pre-output", ErrVRF)
	}
	var dleq schnorrkel.VrfProof
	if err := dleq.Decode(proof); err != nil {
		return nil, fmt.Errorf("%w: malformed proof", ErrVRF)
	}
	if ok, err := key.VrfVerify(transcript(label, parts), out, &dleq); err != nil || !ok {
		return nil, ErrVRF
	}
	return vrfAttach(key, out, label, parts)
}

// VRFAttach returns the output of a pre-output that the caller has verified before, or made itself.
func VRFAttach(public []byte, preOutput [32]byte, label string, parts ...VRFPart) (*VRFOutput, error) {
	key, err := vrfKey(public)
	if err != nil {
		return nil, err
	}
	out, err := schnorrkel.NewOutput(preOutput)
	if err != nil {
		return nil, fmt.Errorf("%w: bad pre-output", ErrVRF)
	}
	return vrfAttach(key, out, label, parts)
}

func vrfKey(public []byte) (*schnorrkel.PublicKey, error) {
	if len(public) != 32 || [32]byte(public) == ([32]byte{}) {
		return nil, fmt.Errorf("%w: bad public key", ErrVRFKey)
	}
	key, err := schnorrkel.NewPublicKey([32]byte(public))
	if err != nil {
		return nil, fmt.Errorf("%w: bad public key", ErrVRFKey)
	}
	return key, nil
}

func vrfAttach(key *schnorrkel.PublicKey, out *schnorrkel.VrfOutput, label string, parts []VRFPart) (*VRFOutput, error) {
	pair, err := out.AttachInput(key, transcript(label, parts))
	if err != nil {
		return nil, fmt.Errorf("attach VRF input: %w", err)
	}
	return &VRFOutput{pair}, nil
}

// VRFOutput is a VRF's input and output points, the source of any number of independent random strings.
type VRFOutput struct{ pair *schnorrkel.VrfInOut }

// MakeBytes returns n random bytes (1 to 64) for a context. Other contexts give unrelated bytes, and so do other
// lengths: the first 16 of 32 bytes are not the 16 bytes.
func (o *VRFOutput) MakeBytes(context string, n int) ([]byte, error) {
	if n < 1 || n > maxVRFBytes {
		return nil, fmt.Errorf("make %d VRF bytes: want 1 to %d", n, maxVRFBytes)
	}
	return o.pair.MakeBytes(n, []byte(context))
}
