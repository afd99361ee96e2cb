package devnet

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/nodes/gateway"
	"github.com/gocess/gocess/nodes/miner"
	"github.com/gocess/gocess/nodes/tee"
	"github.com/gocess/gocess/nodes/validator"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// Settings that fit a machine of a developer: little free disk, quick answers.
const (
	reserveBytes  = 1 << 30
	minerSpace    = 16 << 30 // of the disk, for one miner
	idleGoal      = 8 << 30  // as the chain counts; a set of 256 files is 16 GiB
	reportTimeout = 15 * time.Second
	teeEvery      = time.Second
	minerEvery    = 2 * time.Second
	spaceEvery    = 5 * time.Second
	restoreEvery  = 10 * time.Second
	claimEvery    = 30 * time.Second
	checkEvery    = time.Hour
	collectEvery  = 5 * time.Second
	dropAfter     = 20 * time.Second
	maxRetry      = 10 * time.Second
)

// inProcess runs all nodes in this process.
type inProcess struct {
	cfg  *Config
	spec *genesis.Spec
	info *Info
	// heavy keeps the miners' computations from running all at once.
	heavy *semaphore.Weighted
}

func (l *inProcess) validator(ctx context.Context, index int, peers []string) (*node, error) {
	keys, err := sessionPairs("//" + genesis.DevName(index))
	if err != nil {
		return nil, err
	}
	rpc, p2p := l.cfg.validatorAddresses(index)
	v, err := validator.Start(ctx, validator.Config{
		Home: l.cfg.validatorHome(index), Spec: l.spec, Keys: keys,
		RPC: rpc, P2P: p2p, Peers: others(peers, index), Logger: l.cfg.Logger,
	})
	if err != nil {
		return nil, err
	}
	return &node{info: NodeInfo{PID: os.Getpid()}, stop: v.Close, err: v.Err}, nil
}

func (l *inProcess) tee(ctx context.Context) (*node, error) {
	key, err := crypto.FromURI(crypto.Sr25519, TEESURI)
	if err != nil {
		return nil, err
	}
	bonded, err := crypto.FromURI(crypto.Sr25519, stashSURI)
	if err != nil {
		return nil, err
	}
	stash := substrate.AccountID(bonded.AccountID())
	w, err := tee.Start(ctx, tee.Config{
		Home: filepath.Join(l.cfg.Dir, "tee-1"), Chain: l.info.RPCWS, Signer: key, Identity: key,
		Stash: &stash, StashSigner: bonded, Listen: l.cfg.address(teePort), Every: teeEvery,
		RequireAllPaths: true, Logger: l.cfg.Logger,
	})
	if err != nil {
		return nil, err
	}
	return &node{info: NodeInfo{PID: os.Getpid()}, stop: w.Close, err: w.Err}, nil
}

func (l *inProcess) miner(ctx context.Context, index int) (*node, error) {
	key, err := crypto.FromURI(crypto.Sr25519, MinerSURI(index+1))
	if err != nil {
		return nil, err
	}
	m, err := miner.Start(ctx, miner.Config{
		Home: filepath.Join(l.cfg.Dir, "miner-"+strconv.Itoa(index+1)), Chain: l.info.RPCWS, Signer: key,
		Listen: l.cfg.address(minerPortOffset + index), ReserveBytes: reserveBytes,
		MaxSpaceBytes: minerSpace, IdleGoalBytes: idleGoal, AllowPrivate: true, Heavy: l.heavy, Every: minerEvery, SpaceEvery: spaceEvery,
		RestoreEvery: restoreEvery, ClaimEvery: claimEvery, CheckEvery: checkEvery,
		CollectEvery: collectEvery, DropAfter: dropAfter, MaxRetry: maxRetry, Logger: l.cfg.Logger,
	})
	if err != nil {
		return nil, err
	}
	return &node{info: NodeInfo{PID: os.Getpid()}, stop: m.Close, err: m.Err}, nil
}

func (l *inProcess) gateway(ctx context.Context) (*node, error) {
	key, err := crypto.FromURI(crypto.Sr25519, GatewaySURI)
	if err != nil {
		return nil, err
	}
	g, err := gateway.Start(ctx, gateway.Config{
		Home: filepath.Join(l.cfg.Dir, "gateway-1"), Chain: l.info.RPCWS, Signer: key,
		Listen: l.cfg.address(gatewayPort), ReserveBytes: reserveBytes, ReportTimeout: reportTimeout, Logger: l.cfg.Logger,
	})
	if err != nil {
		return nil, err
	}
	return &node{info: NodeInfo{PID: os.Getpid()}, stop: g.Close, err: g.Err}, nil
}
