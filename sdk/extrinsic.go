package sdk

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk/jsonrpc"
)

// Signer signs extrinsics; a crypto.Pair is one.
type Signer interface {
	Scheme() crypto.Scheme
	AccountID() [32]byte
	Sign(msg []byte) ([]byte, error)
}

// era is the lifetime of an extrinsic in blocks: one that was not included by
// then never will be, so that a lost answer can be cleared up.
const era = 64

// Account is the account of a signer.
func Account(s Signer) substrate.AccountID { return s.AccountID() }

// nonces hands out the nonces of one account, so that many extrinsics may be
// under way at once.
type nonces struct {
	mu    sync.Mutex
	next  uint32 // guarded by mu
	known bool   // guarded by mu; next may be used
}

func (c *Client) noncesOf(who substrate.AccountID) *nonces {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, ok := c.accounts[who]
	if !ok {
		n = new(nonces)
		c.accounts[who] = n
	}
	return n
}

func (n *nonces) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.known = false
}

// signed is an extrinsic that is ready to be sent.
type signed struct {
	raw   []byte
	hash  substrate.H256
	birth uint32 // height at which it was signed
	death uint64 // first height at which it can no longer be included
}

// sign builds an extrinsic that is valid for the next blocks.
func (c *Client) sign(ctx context.Context, s Signer, call runtime.Call, nonce uint32, tip scale.U128) (*signed, error) {
	head, err := c.Header(ctx, nil)
	if err != nil {
		return nil, err
	}
	birthHash, err := head.Hash()
	if err != nil {
		return nil, err
	}
	x := runtime.Extra{Era: substrate.MortalEra(era, uint64(head.Number)), Nonce: nonce, Tip: tip}
	if birth := x.Era.Birth(uint64(head.Number)); birth != uint64(head.Number) {
		if birthHash, err = c.HashAt(ctx, uint32(birth)); err != nil {
			return nil, err
		}
	}
	v := c.Version()
	versions := runtime.SpecVersion{Spec: v.SpecVersion, Transaction: v.TransactionVersion}
	payload, err := runtime.SigningPayload(runtime.RuntimeCall{Call: call}, x, versions, c.genesis, birthHash)
	if err != nil {
		return nil, err
	}
	signature, err := s.Sign(payload)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	multi, err := substrate.NewSignature(schemes[s.Scheme()], signature)
	if err != nil {
		return nil, err
	}
	ext := runtime.Extrinsic{
		Signature: &runtime.ExtrinsicSignature{
			Address: substrate.AddressOf(s.AccountID()), Signature: multi, Extra: x,
		},
		Call: runtime.RuntimeCall{Call: call},
	}
	raw, err := ext.Encode()
	if err != nil {
		return nil, err
	}
	return &signed{
		raw: raw, hash: runtime.ExtrinsicHash(raw),
		birth: head.Number, death: x.Era.Death(uint64(head.Number)),
	}, nil
}

var schemes = map[crypto.Scheme]substrate.SignatureScheme{
	crypto.Ed25519: substrate.Ed25519,
	crypto.Sr25519: substrate.Sr25519,
	crypto.Ecdsa:   substrate.Ecdsa,
}

// Codes of spec/wire.md §5.2 after which another nonce may do better.
const (
	codeInvalid     = 1010
	codeImported    = 1013
	codeLowPriority = 1014
)

// staleNonce says whether the pool refused an extrinsic for its nonce: another
// client of the same account was faster.
func staleNonce(err error) bool {
	var e *jsonrpc.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case codeLowPriority, codeImported:
		return true
	case codeInvalid:
		return refusedFor(e, substrate.InvalidStale)
	}
	return false
}

// badProof says whether the pool refused an extrinsic for its signature, as it
// does with one for the runtime before an upgrade.
func badProof(err error) bool {
	var e *jsonrpc.Error
	return errors.As(err, &e) && e.Code == codeInvalid && refusedFor(e, substrate.InvalidBadProof)
}

func refusedFor(e *jsonrpc.Error, why substrate.InvalidTransaction) bool {
	return string(e.Data) == `"`+why.Error()+`"`
}
