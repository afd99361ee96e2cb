package substrate

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/gocess/gocess/primitives/scale"
)

// Header is a block header. Its hash is the block's hash and depends on nothing else
// (spec/wire.md §4.1).
type Header struct {
	ParentHash     H256   `type:"Hash::Output"`
	Number         uint32 `scale:"number,compact" type:"Number"`
	StateRoot      H256   `type:"Hash::Output"`
	ExtrinsicsRoot H256   `type:"Hash::Output"`
	Digest         Digest `type:"Digest"`
}

// ScaleType implements the convention of package scale.
func (Header) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{
		Path:   "sp_runtime::generic::header::Header",
		Params: []scale.Param{{Name: "Number", Type: scale.TypeOf[uint32]()}, {Name: "Hash"}},
	}
}

// Hash is the blake2-256 hash of the encoding. It fails only when a digest item is of no
// known kind.
func (h Header) Hash() (H256, error) {
	b, err := scale.Marshal(h)
	if err != nil {
		return H256{}, err
	}
	return Blake2b256(b), nil
}

// headerJSON is the header as RPC shows it: the number is a hex string without leading
// zeros.
type headerJSON struct {
	ParentHash     H256   `json:"parentHash"`
	Number         string `json:"number"`
	StateRoot      H256   `json:"stateRoot"`
	ExtrinsicsRoot H256   `json:"extrinsicsRoot"`
	Digest         Digest `json:"digest"`
}

// MarshalJSON gives the form of chain_getHeader.
func (h Header) MarshalJSON() ([]byte, error) {
	return json.Marshal(headerJSON{
		h.ParentHash, "0x" + strconv.FormatUint(uint64(h.Number), 16), h.StateRoot, h.ExtrinsicsRoot, h.Digest,
	})
}

// UnmarshalJSON reads the form of chain_getHeader.
func (h *Header) UnmarshalJSON(b []byte) error {
	var text headerJSON
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	digits, ok := strings.CutPrefix(text.Number, "0x")
	n, err := strconv.ParseUint(digits, 16, 32)
	if !ok || err != nil {
		return fmt.Errorf("substrate: block number %.20q is not 0x-hex of 32 bits", text.Number)
	}
	*h = Header{text.ParentHash, uint32(n), text.StateRoot, text.ExtrinsicsRoot, text.Digest}
	return nil
}
