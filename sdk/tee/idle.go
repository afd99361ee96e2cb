package tee

import (
	"context"
	"fmt"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/storage/podr2/v1"
	"github.com/gocess/gocess/storage/pois/wire"
)

// Identity is the worker's own key; it must be the one under which the chain
// lists the endpoint. Fails for an account that is no miner.
func (c *Client) Identity(ctx context.Context, miner substrate.AccountID) (types.WorkerPublicKey, error) {
	return key32(ctx, c, IdentityPubkey, miner)
}

// MasterKey is the network's sr25519 key as the worker knows it.
func (c *Client) MasterKey(ctx context.Context, miner substrate.AccountID) ([32]byte, error) {
	return key32(ctx, c, MasterPubkey, miner)
}

func key32(ctx context.Context, c *Client, m Method[KeyRequest, KeyReply], miner substrate.AccountID) (key [32]byte, err error) {
	reply, err := m.Call(ctx, c, &KeyRequest{Miner: miner[:]})
	if err != nil {
		return key, err
	}
	if len(reply.Key) != len(key) {
		return key, fmt.Errorf("tee worker, %s: key of %d bytes", m.Name, len(reply.Key))
	}
	return [32]byte(reply.Key), nil
}

// Podr2Key is the network's RSA key of PoDR² version 1.
func (c *Client) Podr2Key(ctx context.Context, miner substrate.AccountID) (*v1.PublicKey, error) {
	reply, err := Podr2Pubkey.Call(ctx, c, &KeyRequest{Miner: miner[:]})
	if err != nil {
		return nil, err
	}
	return v1.ParsePublicKey(reply.Key)
}

// NewMinerKey asks for an accumulator key, once in a miner's life: its state on
// chain must be "not ready". Codes: Internal with TextNoMiner (the worker's
// node does not know the miner yet), InvalidArgument with TextHasKey.
func (c *Client) NewMinerKey(ctx context.Context, miner substrate.AccountID) (*wire.ResponseMinerInitParam, error) {
	return NewMinerKey.Call(ctx, c, &wire.RequestMinerInitParam{MinerID: miner[:]})
}

// CommitChallenge commits a set of idle files. The worker keeps one commitment
// for each miner; a new one replaces it.
func (c *Client) CommitChallenge(ctx context.Context, r *wire.RequestMinerCommitGenChall) (*wire.Challenge, error) {
	return CommitChallenge.Call(ctx, c, r)
}

// VerifyCommit hands in the proofs of the committed set, to the same worker.
// DataLoss: it has no commitment of the miner.
func (c *Client) VerifyCommit(ctx context.Context, r *wire.RequestVerifyCommitAndAccProof) (*wire.ResponseVerifyCommitOrDeletionProof, error) {
	return VerifyCommit.Call(ctx, c, r)
}

// VerifyDeletion shows that idle files left the accumulator.
func (c *Client) VerifyDeletion(ctx context.Context, r *wire.RequestVerifyDeletionProof) (*wire.ResponseVerifyCommitOrDeletionProof, error) {
	return VerifyDeletion.Call(ctx, c, r)
}

// VerifySpaceBlock hands in one block of the open idle challenge.
func (c *Client) VerifySpaceBlock(ctx context.Context, r *wire.RequestSpaceProofVerify) (*wire.ResponseSpaceProofVerify, error) {
	return VerifySpaceBlock.Call(ctx, c, r)
}

// VerifySpaceTotal asks for the verdict over all blocks.
func (c *Client) VerifySpaceTotal(ctx context.Context, r *wire.RequestSpaceProofVerifyTotal) (*wire.ResponseSpaceProofVerifyTotal, error) {
	return VerifySpaceTotal.Call(ctx, c, r)
}
