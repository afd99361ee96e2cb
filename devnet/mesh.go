package devnet

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/gocess/gocess/ledger/consensus"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

func validatorName(index int) string { return "validator-" + strconv.Itoa(index+1) }

func (c *Config) validatorHome(index int) string { return filepath.Join(c.Dir, validatorName(index)) }

// validatorAddresses are host:port of a validator's JSON-RPC and p2p: the first
// validator's are the network's, those of others come after the miners'.
func (c *Config) validatorAddresses(index int) (rpc, p2p string) {
	if index == 0 {
		return c.address(0), c.address(p2pPort)
	}
	first := minerPortOffset + c.Miners + 2*(index-1)
	return c.address(first), c.address(first + 1)
}

// mesh lists where the validators reach each other, and makes their node keys if
// need be.
func (c *Config) mesh() ([]string, error) {
	peers := make([]string, c.Candidates)
	for i := range peers {
		id, err := consensus.NodeID(c.validatorHome(i))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", validatorName(i), err)
		}
		_, p2p := c.validatorAddresses(i)
		peers[i] = id + "@" + p2p
	}
	return peers, nil
}

// others are the peers of a validator: all but itself.
func others(peers []string, index int) []string {
	return slices.Delete(slices.Clone(peers), index, index+1)
}

// sessionPairs are the session keys that the secret URI of a validator makes.
func sessionPairs(suri string) ([]crypto.Pair, error) {
	var keys []crypto.Pair
	for _, scheme := range []crypto.Scheme{crypto.Ed25519, crypto.Sr25519, crypto.Ecdsa} {
		p, err := crypto.FromURI(scheme, suri)
		if err != nil {
			return nil, err
		}
		keys = append(keys, p)
	}
	return keys, nil
}

// authors waits for each seat of the newest blocks: it returns what is still
// waited for, "" when as many validators as there are seats have made blocks.
// Proposers take turns, so that this needs few blocks more than seats.
func (c *Config) authors(ctx context.Context, client *sdk.Client) (string, error) {
	head, err := client.Header(ctx, nil)
	if err != nil {
		return "", err
	}
	seen := make(map[uint32]bool)
	for number := head.Number; number > 0 && len(seen) < c.Validators && head.Number-number < uint32(4*c.Validators); number-- {
		hash, err := client.HashAt(ctx, number)
		if err != nil {
			return "", err
		}
		h, err := client.Header(ctx, &hash)
		if err != nil {
			return "", err
		}
		if index, ok := authorOf(h.Digest.Logs); ok {
			seen[index] = true
		}
	}
	if len(seen) < c.Validators {
		return fmt.Sprintf("%d of %d validators have made blocks", len(seen), c.Validators), nil
	}
	return "", nil
}

// authorOf reads the author's index from a header's BABE digest: its variant,
// then the index (spec/consensus.md §2.2).
func authorOf(logs []substrate.DigestItem) (uint32, bool) {
	for _, l := range logs {
		if l.Kind == substrate.DigestPreRuntime && len(l.Data) >= 5 {
			return uint32(l.Data[1]) | uint32(l.Data[2])<<8 | uint32(l.Data[3])<<16 | uint32(l.Data[4])<<24, true
		}
	}
	return 0, false
}

// synced waits until a further validator's node has the chain's newest blocks.
func synced(ctx context.Context, address string, height uint32) (bool, error) {
	if !answers(ctx, address) {
		return false, nil
	}
	c, err := sdk.Dial(ctx, "ws://"+address)
	if err != nil {
		return false, err
	}
	defer c.Close()
	own, err := c.Height(ctx)
	return err == nil && own > 0 && own+5 >= height, err
}
