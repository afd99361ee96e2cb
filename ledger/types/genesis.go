package types

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gocess/gocess/primitives/ss58"
	"github.com/gocess/gocess/primitives/substrate"
)

// Address is an account in the text of a chain spec: SS58 with any prefix when
// read, with CESS's when written; 0x-hex is read too.
type Address substrate.AccountID

// ParseAddress reads an account's text form.
func ParseAddress(s string) (substrate.AccountID, error) {
	var id substrate.AccountID
	if text, ok := strings.CutPrefix(s, "0x"); ok {
		b, err := hex.DecodeString(text)
		if err != nil || len(b) != len(id) {
			return id, fmt.Errorf("account %q: not 32 bytes of hex", s)
		}
		return substrate.AccountID(b), nil
	}
	_, account, err := ss58.Decode(s)
	if err != nil {
		return id, fmt.Errorf("account %q: %w", s, err)
	}
	if len(account) != len(id) {
		return id, fmt.Errorf("account %q: %d bytes instead of 32", s, len(account))
	}
	return substrate.AccountID(account), nil
}

// String is the SS58 form with CESS's prefix.
func (a Address) String() string { return ss58.Encode(ss58.CESS, a[:]) }

// MarshalText writes the SS58 form.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what ParseAddress reads.
func (a *Address) UnmarshalText(text []byte) error {
	id, err := ParseAddress(string(text))
	*a = Address(id)
	return err
}

// DecodeGenesis reads a pallet's part of a chain spec. A missing part leaves
// *to as it is; unknown fields are errors, since a misspelt one would silently
// make another chain.
func DecodeGenesis(raw json.RawMessage, to any) error {
	if len(raw) == 0 {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	return dec.Decode(to)
}
