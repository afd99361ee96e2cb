//go:build cheat

package miner

import (
	"context"
	"slices"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner/jobs"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/storage/podr2"
)

// serviceProof replaces the proof by an old one or by another miner's.
func (c cheats) serviceProof(ctx context.Context, l *look, proof []byte) ([]byte, error) {
	switch c.way {
	case replayedProof:
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(c.proof) == 0 { // also when there was nothing to prove yet
			c.proof = proof
		}
		return c.proof, nil
	case foreignProof:
		return c.taken(ctx, l)
	}
	return proof, nil
}

// scanDepth is how many blocks back proofs of others are looked for.
const scanDepth = 64

// taken is the last service proof that another miner submitted, out of the
// extrinsic that is on chain for everybody to see.
func (c cheats) taken(ctx context.Context, l *look) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.scanned = max(c.scanned, l.height-min(l.height, scanDepth)); c.scanned < l.height; c.scanned++ {
		hash, err := l.chain.HashAt(ctx, c.scanned+1)
		if err != nil {
			return nil, err
		}
		body, err := l.chain.Body(ctx, hash)
		if err != nil {
			return nil, err
		}
		for _, raw := range body {
			if proof := c.proofOfOther(raw); len(proof) > 0 {
				c.proof = proof
			}
		}
	}
	if len(c.proof) == 0 {
		return nil, jobs.Waitf("no other miner has proven anything yet")
	}
	return c.proof, nil
}

// proofOfOther is the service proof that an extrinsic of another miner
// submits, nil if it does something else.
func (c cheats) proofOfOther(raw []byte) []byte {
	x, err := runtime.DecodeExtrinsic(raw)
	if err != nil || x.Signature == nil {
		return nil
	}
	call, ok := x.Call.Call.(audit.SubmitServiceProof)
	if signer, _ := x.Signature.Address.ID(); !ok || signer == c.account {
		return nil
	}
	return call.Proof
}

// verdict forges what the chain is told.
func (c cheats) verdict(l *look, proof []byte, v serviceVerdict) serviceVerdict {
	switch c.way {
	case foreignSignature:
		key, err := crypto.FromURI(crypto.Sr25519, "//Impostor")
		if err != nil {
			return v
		}
		digest := audit.ServiceVerdict{
			Miner: c.account, TEE: v.Worker, Proof: proof, Result: true,
			Challenge: l.challenge.Element.ServiceParam, BloomFilter: v.Filter,
		}.Digest()
		if sig, err := key.Sign(digest[:]); err == nil {
			v.Result, v.Signature = true, types.TEESignature(sig)
		}
	case forgedFilter:
		v.Filter[0]++
	}
	return v
}

// besides are the tagged fragments of deleted files that are still here.
func (c cheats) besides(ctx context.Context, m *Miner, l *look, key podr2.KeyID) ([]podr2.Name, error) {
	if c.way != refusedDeletion {
		return nil, nil
	}
	fids, err := m.store.Kept()
	if err != nil {
		return nil, err
	}
	files, err := sdk.FindMany(ctx, l.at, filebank.Files, fids)
	if err != nil {
		return nil, err
	}
	var names []podr2.Name
	for _, fid := range fids {
		if _, exists := files[fid]; exists {
			continue
		}
		fragments, err := m.store.Fragments(fid)
		if err != nil {
			return nil, err
		}
		for _, f := range fragments {
			digest, err := f.Digest()
			if err != nil {
				return nil, err
			}
			if name := podr2.Name(digest); m.store.tagged(fid, f, key) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names, nil
}
