// Package devnet runs a whole CESS network on one machine: validators, a TEE
// worker, miners and a gateway, in one process or each in a process of its own.
// Its folder keeps all state, so that it goes on where it was. Nothing is
// staged: miners of a new network generate their idle space, have it certified
// by the worker and are challenged from then on.
package devnet

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/gocess/gocess/internal/durable"
	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
)

// Config shapes a network.
type Config struct {
	// Dir keeps the network. A network that is already there goes on; its own
	// settings win over Miners and BlockTime.
	Dir string
	// Miners is the number of miners. Default 14.
	Miners int
	// PortBase is the first port: JSON-RPC; then p2p, the gateway, the TEE
	// worker, and from PortBase+10 on the miners; after those JSON-RPC and p2p of
	// each further validator. Default 9944.
	PortBase int
	// Validators is the number of a new network's seats. Default 1.
	Validators int
	// Candidates is how many accounts want a seat, each with a node of its own
	// that is connected with all others; elections choose among them. Default
	// Validators.
	Candidates int
	// BlockTime is the target interval between blocks. Default 1 s.
	BlockTime time.Duration
	// Pace is that of a new network's mining economy. Default
	// genesis.DefaultPace.
	Pace genesis.DevPace
	// Binary, if set, is the cess program of which each node becomes a process.
	// Empty runs all nodes in this process.
	Binary string
	Logger *slog.Logger
}

// Defaults of a network.
const (
	defaultMiners   = 14
	defaultPortBase = 9944
	minerPortOffset = 10
	maxMiners       = 500
	maxCandidates   = 50 // nodes on one machine
)

// Ports after the first one.
const (
	p2pPort = 1 + iota
	gatewayPort
	teePort
)

func (c *Config) complete() error {
	if c.Miners == 0 {
		c.Miners = defaultMiners
	}
	if c.PortBase == 0 {
		c.PortBase = defaultPortBase
	}
	if c.Validators == 0 {
		c.Validators = 1
	}
	if c.Candidates == 0 {
		c.Candidates = c.Validators
	}
	if c.BlockTime == 0 {
		c.BlockTime = time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	switch {
	case c.Dir == "":
		return errors.New("devnet: no folder is given")
	case c.Miners < types.FragmentCount || c.Miners > maxMiners:
		return fmt.Errorf("devnet: %d miners; a file needs %d, and %d is the most", c.Miners, types.FragmentCount, maxMiners)
	case c.Validators < 1 || c.Candidates < c.Validators || c.Candidates > maxCandidates:
		return fmt.Errorf("devnet: %d seats for %d candidates; at least as many candidates as seats are needed, and at most %d", c.Validators, c.Candidates, maxCandidates)
	case c.PortBase < 1024 || c.PortBase+minerPortOffset+c.Miners+2*c.Candidates > 65535:
		return fmt.Errorf("devnet: the ports from %d on do not exist or are reserved", c.PortBase)
	}
	return nil
}

// Account is a development account; its secret is public.
type Account struct {
	Name    string        `json:"name"`
	Address types.Address `json:"address"`
	SURI    string        `json:"suri"`
}

// NodeInfo describes a running node.
type NodeInfo struct {
	Role     string        `json:"role"` // validator, tee, miner, gateway
	Name     string        `json:"name"`
	Account  types.Address `json:"account"`
	Endpoint string        `json:"endpoint"`
	PID      int           `json:"pid"`
}

// Info is what users of the network need; the ready file holds it.
type Info struct {
	RPCHTTP  string     `json:"rpc_http"`
	RPCWS    string     `json:"rpc_ws"`
	Gateway  string     `json:"gateway"`
	Accounts []Account  `json:"accounts"`
	Nodes    []NodeInfo `json:"nodes"`
}

// Write stores the ready file, whole or not at all.
func (i *Info) Write(path string) error {
	b, err := json.MarshalIndent(i, "", "  ")
	if err != nil {
		return err
	}
	return durable.WriteFile(path, append(b, '\n'), 0o644)
}

// layout is what a network's folder remembers.
type layout struct {
	Miners   int `json:"miners"`
	PortBase int `json:"portBase"`
	// Validators and Candidates are absent in folders of one validator.
	Validators int `json:"validators,omitempty"`
	Candidates int `json:"candidates,omitempty"`
}

// Secrets of accounts.
const (
	GatewaySURI = "//Gateway"
	// TEESURI is the worker's identity and pays its fees.
	TEESURI = "//Tee"
	// stashSURI is bonded; it answers for the worker's verdicts and signs its
	// registration.
	stashSURI = "//Alice//stash"
)

// MinerSURI is the secret of a miner's account, from 1.
func MinerSURI(i int) string { return "//Miner" + strconv.Itoa(i) }

// Prepare makes the folder of a network that starts later. change, if not nil,
// may alter the chain specification; a network that is already there keeps its
// own.
func Prepare(cfg Config, change func(*genesis.Spec)) error {
	if err := cfg.complete(); err != nil {
		return err
	}
	if _, err := cfg.prepare(change); err != nil {
		return fmt.Errorf("devnet: %w", err)
	}
	return nil
}

// prepare makes the network's folder, or reads it.
func (c *Config) prepare(change func(*genesis.Spec)) (*genesis.Spec, error) {
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, err
	}
	specPath, layoutPath := c.specPath(), filepath.Join(c.Dir, "devnet.json")
	if b, err := os.ReadFile(layoutPath); err == nil {
		var l layout
		if err := json.Unmarshal(b, &l); err != nil {
			return nil, fmt.Errorf("%s: %w", layoutPath, err)
		}
		if l.Miners < c.Miners {
			c.Logger.Info("the network keeps its number of miners", "miners", l.Miners)
		}
		c.Miners = l.Miners
		c.Validators, c.Candidates = max(l.Validators, 1), max(l.Candidates, l.Validators, 1)
		return genesis.Load(specPath)
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	o := genesis.DevOptions{
		GenesisTimeMs: uint64(time.Now().UnixMilli()),
		BlockTimeMs:   uint64(c.BlockTime.Milliseconds()),
		Validators:    c.Validators,
		Candidates:    c.Candidates,
		Endowed:       []string{GatewaySURI},
		TEE:           &genesis.DevTEE{SURI: TEESURI, Endpoint: "http://" + c.address(teePort)},
		Pace:          c.Pace,
	}
	for i := range c.Miners {
		o.Miners = append(o.Miners, genesis.DevMiner{SURI: MinerSURI(i + 1)})
	}
	spec, err := genesis.Dev(o)
	if err != nil {
		return nil, err
	}
	if change != nil {
		change(spec)
		if err := spec.Validate(); err != nil {
			return nil, err
		}
	}
	if err := spec.Write(specPath); err != nil {
		return nil, err
	}
	b, err := json.Marshal(layout{Miners: c.Miners, PortBase: c.PortBase, Validators: c.Validators, Candidates: c.Candidates})
	if err != nil {
		return nil, err
	}
	// Written last: with it the folder holds a network.
	return spec, durable.WriteFile(layoutPath, b, 0o644)
}

func (c *Config) specPath() string { return filepath.Join(c.Dir, "chain.json") }

func (c *Config) address(offset int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(c.PortBase+offset))
}

func (c *Config) info() (*Info, error) {
	i := &Info{
		RPCHTTP: "http://" + c.address(0),
		RPCWS:   "ws://" + c.address(0),
		Gateway: "http://" + c.address(gatewayPort),
	}
	for _, name := range genesis.DevNames {
		account, err := accountOf("//" + name)
		if err != nil {
			return nil, err
		}
		i.Accounts = append(i.Accounts, Account{Name: name, Address: account, SURI: "//" + name})
	}
	return i, nil
}

func accountOf(suri string) (types.Address, error) {
	p, err := crypto.FromURI(crypto.Sr25519, suri)
	if err != nil {
		return types.Address{}, err
	}
	return p.AccountID(), nil
}

// Network is a running network.
type Network struct {
	Info   *Info
	logger *slog.Logger

	mu    sync.Mutex
	nodes []*node // guarded by mu while the network starts
}

// node is one running part.
type node struct {
	info NodeInfo
	stop func() error
	err  func() error
}

// Start brings the network up and returns when all nodes serve. Miners of a new
// network then still have to certify their space; see WaitStorage.
func Start(ctx context.Context, cfg Config) (_ *Network, err error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	spec, err := cfg.prepare(nil)
	if err != nil {
		return nil, fmt.Errorf("devnet: %w", err)
	}
	n := &Network{logger: cfg.Logger}
	if n.Info, err = cfg.info(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("devnet: %w", err), n.Close())
		}
	}()
	var l launcher = &inProcess{cfg: &cfg, spec: spec, info: n.Info, heavy: semaphore.NewWeighted(int64(runtime.NumCPU()))}
	if cfg.Binary != "" {
		l = &processes{cfg: &cfg, info: n.Info}
	}
	peers, err := cfg.mesh()
	if err != nil {
		return nil, err
	}
	var chain errgroup.Group // together, for none makes blocks without the others
	for i := range cfg.Candidates {
		chain.Go(func() error {
			start := func(ctx context.Context) (*node, error) { return l.validator(ctx, i, peers) }
			rpc, _ := cfg.validatorAddresses(i)
			return n.add(ctx, "validator", validatorName(i), "//"+genesis.DevName(i)+"//stash", "ws://"+rpc, start)
		})
	}
	if err := chain.Wait(); err != nil {
		return nil, err
	}
	// All others at once: each may have to wait for a block.
	var others errgroup.Group
	others.Go(func() error {
		return n.add(ctx, "tee", "tee-1", TEESURI, "http://"+cfg.address(teePort), l.tee)
	})
	for i := range cfg.Miners {
		others.Go(func() error {
			start := func(ctx context.Context) (*node, error) { return l.miner(ctx, i) }
			endpoint := "http://" + cfg.address(minerPortOffset+i)
			return n.add(ctx, "miner", "miner-"+strconv.Itoa(i+1), MinerSURI(i+1), endpoint, start)
		})
	}
	others.Go(func() error {
		return n.add(ctx, "gateway", "gateway-1", GatewaySURI, n.Info.Gateway, l.gateway)
	})
	if err := others.Wait(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(n.nodes, func(a, b *node) int {
		return cmp.Or(cmp.Compare(startOrder[a.info.Role], startOrder[b.info.Role]), naturalOrder(a.info.Name, b.info.Name))
	})
	if err := n.waitReady(ctx, &cfg); err != nil {
		return nil, err
	}
	for _, node := range n.nodes {
		n.Info.Nodes = append(n.Info.Nodes, node.info)
	}
	return n, nil
}

// startOrder is the order in which nodes are listed and, backwards, stopped.
var startOrder = map[string]int{"validator": 0, "tee": 1, "miner": 2, "gateway": 3}

// naturalOrder puts miner-2 before miner-10.
func naturalOrder(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// launcher starts nodes, in one way or the other.
type launcher interface {
	validator(ctx context.Context, index int, peers []string) (*node, error)
	tee(ctx context.Context) (*node, error)
	miner(ctx context.Context, index int) (*node, error)
	gateway(ctx context.Context) (*node, error)
}

func (n *Network) add(ctx context.Context, role, name, suri, endpoint string, start func(context.Context) (*node, error)) error {
	account, err := accountOf(suri)
	if err != nil {
		return err
	}
	started, err := start(ctx)
	if err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	started.info.Role, started.info.Name, started.info.Account, started.info.Endpoint = role, name, account, endpoint
	n.mu.Lock()
	defer n.mu.Unlock()
	n.nodes = append(n.nodes, started)
	return nil
}

// StopNode stops one node for good; the others go on.
func (n *Network) StopNode(name string) error {
	i := slices.IndexFunc(n.nodes, func(node *node) bool { return node.info.Name == name })
	if i < 0 {
		return fmt.Errorf("devnet: no node %s runs", name)
	}
	stopping := n.nodes[i]
	n.nodes = slices.Delete(n.nodes, i, i+1)
	return stopping.stop()
}

// Err is the first failure of a node, nil while all work.
func (n *Network) Err() error {
	for _, node := range n.nodes {
		if err := node.err(); err != nil {
			return fmt.Errorf("%s: %w", node.info.Name, err)
		}
	}
	return nil
}

// Close stops all nodes, the validator last.
func (n *Network) Close() error {
	var errs []error
	for i := len(n.nodes) - 1; i >= 0; i-- {
		if err := n.nodes[i].stop(); err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", n.nodes[i].info.Name, err))
		}
	}
	n.nodes = nil
	return errors.Join(errs...)
}
