package consensus

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/pallets/babe"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pool"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/state"
)

// Genesis is what all nodes of a chain agree on.
type Genesis struct {
	// ChainID names the chain in every vote, 1 to 50 bytes.
	ChainID string
	// Time is the time of block 1.
	Time time.Time
	// Pallets is each pallet's part of the first state.
	Pallets map[string]json.RawMessage
	// BlockTime is the average interval between blocks. Default 6 s.
	BlockTime time.Duration
	// MaxBlockBytes bounds the extrinsics of a block. Default 5 MiB.
	MaxBlockBytes int
	// EvidenceAge is how long a double vote can be reported. Default 14 days, or
	// as long as a bond is locked after it, if that is less.
	EvidenceAge time.Duration
}

// Config is what a Node is built from.
type Config struct {
	// Home is the node's directory: state, CometBFT's data and its node key.
	Home    string
	Genesis Genesis
	// Runtime are the versions of the state machine that the node can run.
	Runtime *runtime.Versions
	Pallets Pallets
	// Keys are the session keys; without them the node follows the chain only.
	Keys Keys

	P2P P2P

	// Light is the host:port that answers light clients, such as nodes that start
	// from a snapshot. Default none.
	Light string
	// StateSync, if set, is how a new node starts from a snapshot.
	StateSync StateSync
	// Snapshots says when the node makes some for others.
	Snapshots Snapshots

	// RetainBlocks is how many blocks CometBFT keeps for peers that catch up,
	// 0 for all.
	RetainBlocks uint64
	// ProposalTime bounds how long a proposer executes extrinsics for one
	// block. Default two thirds of the block time, at least 200 ms.
	ProposalTime time.Duration
	// Timeouts of CometBFT's rounds.
	Timeouts Timeouts

	State  []state.Option
	Chain  []chain.Option
	Pool   []pool.Option
	Logger *slog.Logger
}

// Timeouts of a round: how long to wait for a proposal, for more prevotes and
// for more precommits before the next round. A zero Propose is one and a half
// block times, at least 1 s and at most 3 s, since that is how long the network
// stands when the validator in turn is gone; the others are half a block time,
// at least 300 ms and at most 1 s. Each grows with every round by Growth, so that a
// slow network finds what it needs: a quarter of a block time, at least 100 ms and
// at most 500 ms. A network that was parted has many rounds behind it, and what
// they have grown to is what it waits for when it is one again.
type Timeouts struct{ Propose, Prevote, Precommit, Growth time.Duration }

func (c *Config) complete() error {
	g := &c.Genesis
	setDefault(&g.BlockTime, 6*time.Second)
	setDefault(&g.MaxBlockBytes, 5<<20)
	setDefault(&c.P2P.Listen, "127.0.0.1:0")
	setDefault(&c.P2P.MaxPeers, 50)
	setDefault(&c.ProposalTime, max(g.BlockTime*2/3, 200*time.Millisecond))
	setDefault(&c.Timeouts.Propose, clamp(g.BlockTime*3/2, time.Second, 3*time.Second))
	setDefault(&c.Timeouts.Prevote, clamp(g.BlockTime/2, 300*time.Millisecond, time.Second))
	setDefault(&c.Timeouts.Precommit, c.Timeouts.Prevote)
	setDefault(&c.Timeouts.Growth, clamp(g.BlockTime/4, 100*time.Millisecond, 500*time.Millisecond))
	setDefault(&c.Snapshots.Keep, 2)
	if c.Keys == nil {
		c.Keys = NoKeys{}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	trust := g.EvidenceAge
	setDefault(&trust, longestEvidence)
	if err := errors.Join(c.validate(), c.P2P.validate(), c.StateSync.complete(trust)); err != nil {
		return err
	}
	setDefault(&g.EvidenceAge, min(longestEvidence, c.bondTime()))
	return nil
}

func clamp(d, least, most time.Duration) time.Duration { return min(max(d, least), most) }

// longestEvidence is how old evidence is at most.
const longestEvidence = 14 * 24 * time.Hour

// bondTime is how long a bond is locked after its owner has taken it back: what
// is older cannot be punished.
func (c *Config) bondTime() time.Duration {
	rt := c.Runtime.First() // evidence is a matter of all versions
	blocks := uint64(staking.BondingDuration.Of(rt)) * uint64(staking.SessionsPerEra.Of(rt)) * babe.EpochDuration.Of(rt)
	return c.Genesis.BlockTime * time.Duration(max(1, min(blocks, uint64(longestEvidence/c.Genesis.BlockTime)+1)))
}

func setDefault[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

const maxChainID = 50 // CometBFT's limit

func (c *Config) validate() error {
	g := &c.Genesis
	switch {
	case c.Home == "":
		return errors.New("consensus config: no home directory")
	case c.Runtime == nil || c.Pallets == nil:
		return errors.New("consensus config: no runtime")
	case g.ChainID == "" || len(g.ChainID) > maxChainID:
		return fmt.Errorf("consensus config: chain id of %d bytes, want 1 to %d", len(g.ChainID), maxChainID)
	case g.Time.UnixMilli() <= 0:
		return errors.New("consensus config: no genesis time")
	case g.BlockTime < time.Millisecond:
		return fmt.Errorf("consensus config: block time %v", g.BlockTime)
	case c.Snapshots.Keep < 1:
		return fmt.Errorf("consensus config: keep %d snapshots", c.Snapshots.Keep)
	case g.MaxBlockBytes < 1024 || g.MaxBlockBytes > 64<<20:
		return fmt.Errorf("consensus config: blocks of %d bytes, want 1 KiB to 64 MiB", g.MaxBlockBytes)
	}
	return nil
}
