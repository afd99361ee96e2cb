package devnet

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/nodes/gateway"
	"github.com/gocess/gocess/nodes/miner"
	"github.com/gocess/gocess/nodes/validator"
	"github.com/gocess/gocess/primitives/crypto"
)

// Settings that fit a machine of a developer: little free disk, quick answers.
const (
	reserveBytes  = 1 << 30
	minerEvery    = 2 * time.Second
	collectEvery  = 5 * time.Second
	dropAfter     = 20 * time.Second
	reportTimeout = 15 * time.Second
)

// inProcess runs all nodes in this process.
type inProcess struct {
	cfg  *Config
	spec *genesis.Spec
	info *Info
}

func (l *inProcess) validator(ctx context.Context) (*node, error) {
	var keys []crypto.Pair
	for _, scheme := range []crypto.Scheme{crypto.Ed25519, crypto.Sr25519} {
		p, err := crypto.FromURI(scheme, "//Alice")
		if err != nil {
			return nil, err
		}
		keys = append(keys, p)
	}
	v, err := validator.Start(ctx, validator.Config{
		Home: filepath.Join(l.cfg.Dir, "validator-1"), Spec: l.spec, Keys: keys,
		RPC: l.cfg.address(0), P2P: l.cfg.address(1), Logger: l.cfg.Logger,
	})
	if err != nil {
		return nil, err
	}
	return &node{info: NodeInfo{PID: os.Getpid()}, stop: v.Close, err: v.Err}, nil
}

func (l *inProcess) miner(ctx context.Context, index int) (*node, error) {
	key, err := crypto.FromURI(crypto.Sr25519, MinerSURI(index+1))
	if err != nil {
		return nil, err
	}
	m, err := miner.Start(ctx, miner.Config{
		Home: filepath.Join(l.cfg.Dir, "miner-"+strconv.Itoa(index+1)), Chain: l.info.RPCWS, Signer: key,
		Listen: l.cfg.address(minerPortOffset + index), ReserveBytes: reserveBytes,
		Every: minerEvery, CollectEvery: collectEvery, DropAfter: dropAfter, Logger: l.cfg.Logger,
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
		Listen: l.cfg.address(2), ReserveBytes: reserveBytes, ReportTimeout: reportTimeout, Logger: l.cfg.Logger,
	})
	if err != nil {
		return nil, err
	}
	return &node{info: NodeInfo{PID: os.Getpid()}, stop: g.Close, err: g.Err}, nil
}
