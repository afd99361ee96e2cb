package consensus

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	cmtconfig "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/types"
)

// cometHome is CometBFT's part of the node's directory.
func cometHome(home string) string { return filepath.Join(home, "cometbft") }

// cometConfig is CometBFT's configuration: no RPC listener, no indexer, our own
// mempool.
func (c *Config) cometConfig() *cmtconfig.Config {
	out := cmtconfig.DefaultConfig().SetRoot(cometHome(c.Home))
	out.Moniker = "gocess"
	out.RPC.ListenAddress = ""
	out.TxIndex.Indexer = "null"
	out.Storage.DiscardABCIResponses = true
	c.configurePeers(out.P2P)
	c.configureRounds(out.Consensus)
	if c.StateSync.enabled() {
		c.StateSync.configure(out.StateSync)
	}
	out.Mempool.Type = cmtconfig.MempoolTypeApp
	out.Mempool.MaxTxBytes = maxGossipedTx
	out.Mempool.ReapMaxBytes = maxGossip
	out.Mempool.ReapInterval = gossipInterval
	return out
}

const (
	maxGossipedTx  = 6 << 20 // above the longest extrinsic
	gossipInterval = 50 * time.Millisecond
	packetSize     = 16 << 10
)

func (c *Config) configurePeers(p *cmtconfig.P2PConfig) {
	p.ListenAddress = "tcp://" + c.P2P.Listen
	if c.P2P.External != "" {
		p.ExternalAddress = "tcp://" + c.P2P.External
	}
	p.PersistentPeers = strings.Join(c.P2P.Peers, ",")
	p.Seeds = strings.Join(c.P2P.Seeds, ",")
	p.PrivatePeerIDs = strings.Join(c.P2P.Private, ",")
	p.UnconditionalPeerIDs = strings.Join(c.P2P.Unconditional, ",")
	p.PersistentPeersMaxDialPeriod = 10 * time.Second
	p.PexReactor = c.P2P.Exchange
	p.AddrBookStrict = false // private networks are normal
	p.AllowDuplicateIP = true
	p.MaxNumInboundPeers = c.P2P.MaxPeers
	p.MaxNumOutboundPeers = (c.P2P.MaxPeers + 3) / 4
	// No limit per peer: CometBFT v0.40.0 keeps to one by the wall clock. When the
	// clock is set back by an hour, every connection of the node sleeps for an
	// hour.
	p.SendRate, p.RecvRate = 0, 0
	p.MaxPacketMsgPayloadSize = packetSize
}

func (c *Config) configureRounds(r *cmtconfig.ConsensusConfig) {
	r.TimeoutPropose = c.Timeouts.Propose
	r.TimeoutPrevote = c.Timeouts.Prevote
	r.TimeoutPrecommit = c.Timeouts.Precommit
	r.TimeoutProposeDelta = c.Timeouts.Growth
	r.TimeoutPrevoteDelta = c.Timeouts.Growth
	r.TimeoutPrecommitDelta = c.Timeouts.Growth
	r.TimeoutCommit = c.Genesis.BlockTime // until the first block has set the pace
	r.BlockTimeTolerance = noTolerance
	r.CreateEmptyBlocks = true
	r.PeerGossipSleepDuration = min(max(c.Genesis.BlockTime/50, 5*time.Millisecond), 100*time.Millisecond)
}

// genesisDoc is the genesis as CometBFT wants it.
func (c *Config) genesisDoc(validators authorities, appHash []byte) (*types.GenesisDoc, error) {
	params := types.DefaultConsensusParams()
	params.Version.App = appVersion
	params.ABCI.VoteExtensionsEnableHeight = 1
	params.Validator.PubKeyTypes = []string{types.ABCIPubKeyTypeEd25519}
	params.Evidence.MaxAgeDuration = c.Genesis.EvidenceAge
	params.Evidence.MaxAgeNumBlocks = max(int64(c.Genesis.EvidenceAge/c.Genesis.BlockTime), 1)
	params.Evidence.MaxBytes = maxEvidence
	params.Block.MaxBytes = c.maxBlock()
	doc := &types.GenesisDoc{
		GenesisTime:     c.Genesis.Time.UTC().Truncate(time.Millisecond),
		ChainID:         c.Genesis.ChainID,
		InitialHeight:   1,
		ConsensusParams: params,
		AppHash:         appHash,
	}
	for _, v := range validators {
		doc.Validators = append(doc.Validators, types.GenesisValidator{PubKey: ed25519.PubKey(v.Grandpa[:]), Power: 1})
	}
	if err := doc.ValidateAndComplete(); err != nil {
		return nil, fmt.Errorf("genesis for CometBFT: %w", err)
	}
	return doc, nil
}

// maxEvidence bounds the proofs of a block against validators, in bytes.
const maxEvidence = 256 << 10

// maxBlock bounds a block, in bytes. The votes of maxValidators come on top of the
// extrinsics twice, once as commit and once as the pseudo-transaction.
func (c *Config) maxBlock() int64 {
	return int64(c.Genesis.MaxBlockBytes) + maxEvidence + types.MaxOverheadForBlock + types.MaxHeaderBytes +
		types.MaxCommitBytes(maxValidators) + int64(maxVotesSize(maxValidators))
}

// maxValidators is Session's bound on authorities (spec/consensus.md §1).
const maxValidators = 100

// NodeID is the id that peers know the node by, before the @ of an address. It
// makes the node's key if there is none.
func NodeID(home string) (string, error) {
	key, err := nodeKey(home)
	if err != nil {
		return "", err
	}
	return string(key.ID()), nil
}

func nodeKey(home string) (*p2p.NodeKey, error) {
	dir := filepath.Join(cometHome(home), "config")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("node key: %w", err)
	}
	key, err := p2p.LoadOrGenNodeKey(filepath.Join(dir, "node_key.json"))
	if err != nil {
		return nil, fmt.Errorf("node key: %w", err)
	}
	return key, nil
}

// refuseOldLayout stops a node that would otherwise begin anew: earlier versions
// kept CometBFT's databases apart from the state.
func refuseOldLayout(home string) error {
	dir := filepath.Join(cometHome(home), "data", "db")
	if _, err := os.Stat(dir); err == nil {
		return fmt.Errorf("%s was written by an earlier version, which kept CometBFT's blocks there: remove %s and sync again", home, home)
	}
	return nil
}

// noMetrics keeps CometBFT from registering global metrics: several nodes may
// share a process.
var noMetrics = node.DefaultMetricsProvider(&cmtconfig.InstrumentationConfig{})
