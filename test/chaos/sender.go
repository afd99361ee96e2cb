package chaos

import (
	"context"
	"encoding/hex"
	"errors"
	"sync"
	"time"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk/jsonrpc"
)

// transfer is signed once: sent twice, it is the same, and its nonce can be
// used by nothing else.
type transfer struct {
	raw  []byte
	hash substrate.H256
	sent time.Time
}

// sender makes transfers of one account to a recipient of its own.
type sender struct {
	load      *Load
	key       crypto.Pair
	recipient substrate.AccountID
	node      int // that takes the next transfer

	mu      sync.Mutex // guards everything below
	nonce   uint32
	pending []transfer // in the order of nonces; in no block yet
	done    uint64     // in a block
}

// tick sends a new transfer, or old ones again that are late.
func (s *sender) tick(ctx context.Context, more bool) {
	s.mu.Lock()
	var late [][]byte
	if len(s.pending) > 0 && time.Since(s.pending[0].sent) > resendAfter {
		for i := range s.pending {
			s.pending[i].sent = time.Now()
			late = append(late, s.pending[i].raw)
		}
	}
	full := len(s.pending) >= maxPending
	s.mu.Unlock()
	if late != nil {
		s.node++
		s.load.resent.Add(uint64(len(late)))
		for _, raw := range late {
			if !s.send(ctx, raw) {
				break
			}
		}
	}
	if !more {
		return
	}
	if full {
		s.load.heldBack.Add(1)
		return
	}
	t, err := s.sign()
	if err != nil {
		panic(err) // own keys and own calls
	}
	s.send(ctx, t.raw)
}

// sign makes the next transfer and counts it as pending.
func (s *sender) sign() (transfer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call := runtime.RuntimeCall{Call: balances.TransferKeepAlive{Dest: substrate.AddressOf(s.recipient), Value: amount}}
	x := runtime.Extra{Nonce: s.nonce}
	payload, err := runtime.SigningPayload(call, x, s.load.versions, s.load.genesis, s.load.genesis)
	if err != nil {
		return transfer{}, err
	}
	sig, err := s.key.Sign(payload)
	if err != nil {
		return transfer{}, err
	}
	signature, err := substrate.NewSignature(substrate.Sr25519, sig)
	if err != nil {
		return transfer{}, err
	}
	ext := runtime.Extrinsic{
		Signature: &runtime.ExtrinsicSignature{Address: substrate.AddressOf(s.key.AccountID()), Signature: signature, Extra: x},
		Call:      call,
	}
	raw, err := ext.Encode()
	if err != nil {
		return transfer{}, err
	}
	t := transfer{raw: raw, hash: runtime.ExtrinsicHash(raw), sent: time.Now()}
	s.nonce++
	s.pending = append(s.pending, t)
	s.load.mu.Lock()
	s.load.owners[t.hash] = s
	s.load.mu.Unlock()
	return t, nil
}

// send gives a transfer to the sender's node, and turns to the next node if it
// does not answer. A refusal is no failure: the transfer may be in a block
// already.
func (s *sender) send(ctx context.Context, raw []byte) bool {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	node := s.node % len(s.load.net.Nodes)
	c, err := s.load.client(ctx, node)
	if err == nil {
		err = c.RPC().Call(ctx, nil, "author_submitExtrinsic", "0x"+hex.EncodeToString(raw))
	}
	var refusal *jsonrpc.Error
	switch {
	case err == nil:
		return true
	case errors.As(err, &refusal):
		s.load.refused.Add(1)
		return true
	}
	s.load.unanswered.Add(1)
	s.node++
	return false
}
