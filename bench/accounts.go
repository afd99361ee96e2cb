package bench

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/utility"
	lruntime "github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// SecretOf is the secret URI of benchmark account i. Anybody can compute it:
// such accounts belong on development chains.
func SecretOf(i int) string {
	var n [8]byte
	binary.LittleEndian.PutUint64(n[:], uint64(i))
	return fmt.Sprintf("0x%x", crypto.Blake2b256([]byte("cess bench account"), n[:]))
}

// accounts makes the keys of the first n accounts.
func accounts(n int) ([]crypto.Pair, error) {
	keys := make([]crypto.Pair, n)
	for i := range keys {
		var err error
		if keys[i], err = crypto.FromURI(crypto.Sr25519, SecretOf(i)); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// fund gives every account enough to pay for a benchmark, from one that has it.
func fund(ctx context.Context, c *sdk.Client, from sdk.Signer, keys []crypto.Pair) error {
	const perBatch = 200
	amount := scale.U128From64(1_000_000_000_000_000_000).SaturatingMul(scale.U128From64(1000)) // 1000 TCESS
	for len(keys) > 0 {
		page := keys[:min(len(keys), perBatch)]
		keys = keys[len(page):]
		var batch utility.Batch
		for _, k := range page {
			batch.Calls = append(batch.Calls, lruntime.RuntimeCall{Call: balances.TransferKeepAlive{
				Dest: substrate.AddressOf(k.AccountID()), Value: amount,
			}})
		}
		receipt, err := c.Submit(ctx, from, batch)
		if err != nil {
			return fmt.Errorf("fund the benchmark's accounts: %w", err)
		}
		if stopped, ok := sdk.EventOf[utility.BatchInterruptedEvent](receipt); ok {
			return fmt.Errorf("fund the benchmark's accounts: %w", stopped.Error)
		}
	}
	return nil
}

// ring signs transfers: number i is the (i / accounts)-th of account
// i mod accounts, to some other account of the ring.
type ring struct {
	keys     []crypto.Pair
	nonces   []uint32 // of each account when the benchmark began
	genesis  substrate.H256
	versions lruntime.SpecVersion
}

// hop is how far the recipient of a transfer stands from its sender; a prime,
// so that neighbours in a block touch different accounts.
const hop = 7919

// sign makes transfer i. It lives for ever, since it may be signed long before
// it is sent.
func (r *ring) sign(i int) ([]byte, error) {
	n := len(r.keys)
	key := r.keys[i%n]
	call := lruntime.RuntimeCall{Call: balances.TransferKeepAlive{
		Dest:  substrate.AddressOf(r.keys[(i+hop)%n].AccountID()),
		Value: scale.U128From64(1_000_000_000_000),
	}}
	x := lruntime.Extra{Nonce: r.nonces[i%n] + uint32(i/n)}
	payload, err := lruntime.SigningPayload(call, x, r.versions, r.genesis, r.genesis)
	if err != nil {
		return nil, err
	}
	raw, err := key.Sign(payload)
	if err != nil {
		return nil, err
	}
	signature, err := substrate.NewSignature(substrate.Sr25519, raw)
	if err != nil {
		return nil, err
	}
	ext := lruntime.Extrinsic{
		Signature: &lruntime.ExtrinsicSignature{
			Address: substrate.AddressOf(key.AccountID()), Signature: signature, Extra: x,
		},
		Call: call,
	}
	return ext.Encode()
}

// signMany makes transfers from to to−1 on all CPUs.
func (r *ring) signMany(ctx context.Context, from, to int) ([][]byte, error) {
	out := make([][]byte, to-from)
	g, ctx := errgroup.WithContext(ctx)
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		g.Go(func() error {
			for i := w; i < len(out); i += workers {
				if err := ctx.Err(); err != nil {
					return err
				}
				var err error
				if out[i], err = r.sign(from + i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return out, g.Wait()
}
