package gateway

import (
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mr-tron/base58"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// maxMessageBytes and maxSignatureBytes bound what a client may have checked.
const (
	maxMessageBytes   = 4 << 10
	maxSignatureBytes = 256
)

// identify returns the account that signed a request (spec/gateway.md §2.2).
// ok is false if nobody did, or if the message is no longer valid.
func (g *Gateway) identify(h http.Header) (who substrate.AccountID, ok bool) {
	message, signature := h.Get("Message"), h.Get("Signature")
	if len(message) > maxMessageBytes || len(signature) > maxSignatureBytes {
		return who, false
	}
	who, err := types.ParseAddress(h.Get("Account"))
	if err != nil {
		return who, false
	}
	valid, forever := messageValid(message, time.Now())
	if !valid || forever && g.cfg.RequireExpiry {
		return who, false
	}
	if eth := h.Get("EthAcc"); eth != "" {
		ok = ethereumSigned(who, eth, message, signature)
	} else {
		ok = substrateSigned(who, message, signature)
	}
	if ok && forever {
		g.log.Warn("a signed message has no expiry and can be replayed", "account", types.Address(who))
	}
	return who, ok
}

// messageValid reads the expiry that a message spells: Unix seconds or
// milliseconds, or a date and time. forever says that it spells none.
func messageValid(message string, now time.Time) (valid, forever bool) {
	if n, err := strconv.ParseInt(message, 10, 64); err == nil {
		switch {
		case n >= 1e9 && n < 1e12:
			return now.Before(time.Unix(n, 0)), false
		case n >= 1e12 && n < 1e15:
			return now.Before(time.UnixMilli(n)), false
		}
		return true, true
	}
	if t, err := time.Parse(time.DateTime, message); err == nil {
		return !now.After(t), false
	}
	return true, true
}

// substrateSigned checks sr25519 over the message, bare or wrapped as wallets
// do; the signature is raw, hex or base58.
func substrateSigned(who substrate.AccountID, message, signature string) bool {
	for _, sig := range signatureForms(signature) {
		if crypto.VerifyText(crypto.Sr25519, who[:], []byte(message), sig) {
			return true
		}
	}
	return false
}

const sr25519SignatureLen = 64

func signatureForms(text string) (forms [][]byte) {
	add := func(b []byte, err error) {
		if err == nil && len(b) == sr25519SignatureLen {
			forms = append(forms, b)
		}
	}
	add([]byte(text), nil)
	add(hex.DecodeString(strings.TrimPrefix(text, "0x")))
	add(base58.Decode(text))
	return forms
}

// ethereumSigned checks EIP-191 by the address, which must be the one that the
// account belongs to: otherwise any Ethereum key could act for any account.
func ethereumSigned(who substrate.AccountID, address, message, signature string) bool {
	claimed, err := crypto.ParseEthAddress(address)
	if err != nil || claimed.String() != address || claimed.AccountID() != who {
		return false
	}
	digits, hasPrefix := strings.CutPrefix(signature, "0x")
	sig, err := hex.DecodeString(digits)
	if err != nil || !hasPrefix || len(sig) != 65 {
		return false
	}
	signer, err := crypto.RecoverPersonal([]byte(message), sig)
	return err == nil && signer == claimed
}
