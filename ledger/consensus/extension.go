package consensus

import (
	"errors"
	"fmt"

	"github.com/gocess/gocess/primitives/crypto"
)

// A vote extension is version u8 ‖ VRF pre-output ‖ VRF proof, or empty when
// the validator contributes no randomness (spec/consensus.md §9.4).
const (
	extensionVersion = 1
	extensionSize    = 1 + 32 + 64
)

// outputContext separates the randomness drawn here from other uses of a VRF.
const outputContext = "BabeVRFInOutContext"

// contribution is a validator's verified VRF.
type contribution struct {
	preOutput [32]byte
	proof     [64]byte
	output    [32]byte // make_bytes(outputContext)
}

// signExtension evaluates the VRF.
func signExtension(key crypto.Pair, input []crypto.VRFPart) ([]byte, error) {
	preOutput, proof, err := crypto.VRFSign(key, crypto.BabeVRFLabel, input...)
	if err != nil {
		return nil, fmt.Errorf("sign vote extension: %w", err)
	}
	ext := append([]byte{extensionVersion}, preOutput[:]...)
	return append(ext, proof[:]...), nil
}

// verifyExtension checks an extension under the validator's VRF key. The result
// is nil for an empty one.
func verifyExtension(ext []byte, babe [32]byte, input []crypto.VRFPart) (*contribution, error) {
	switch {
	case len(ext) == 0:
		return nil, nil
	case len(ext) != extensionSize:
		return nil, fmt.Errorf("%d bytes, want %d", len(ext), extensionSize)
	case ext[0] != extensionVersion:
		return nil, fmt.Errorf("version %d", ext[0])
	}
	c := &contribution{preOutput: [32]byte(ext[1:33]), proof: [64]byte(ext[33:])}
	out, err := crypto.VRFVerify(babe[:], c.preOutput, c.proof, crypto.BabeVRFLabel, input...)
	if err != nil {
		return nil, err
	}
	b, err := out.MakeBytes(outputContext, len(c.output))
	if err != nil {
		return nil, err
	}
	if len(b) != len(c.output) {
		return nil, errors.New("short VRF output")
	}
	copy(c.output[:], b)
	return c, nil
}
