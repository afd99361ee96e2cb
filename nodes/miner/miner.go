// Package miner is the role that stores fragments: it receives them from
// gateways over HTTP, reports complete columns to the chain, serves them, and
// drops what the chain has forgotten (spec/miner.md).
package miner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"

	"github.com/gocess/gocess/internal/httpx"
	"github.com/gocess/gocess/internal/version"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// Config is what a Miner is built from.
type Config struct {
	// Home is the miner's folder. Nothing else belongs in it.
	Home string
	// Chain lists WebSocket addresses of nodes, separated by commas.
	Chain string
	// Signer is the miner's account. One miner runs per account.
	Signer sdk.Signer
	// Listen is the host:port of the fragment API. Default 127.0.0.1:15001.
	Listen string
	// Endpoint is published on chain for gateways, at most 100 bytes. Default
	// http:// and the address that is listened on.
	Endpoint string
	// Beneficiary receives rewards. Default the miner's own account.
	Beneficiary *substrate.AccountID
	// SpaceTiB is the space to declare when the miner registers; 4,000 TCESS of
	// collateral for each are reserved. Default 1.
	SpaceTiB uint32
	// ReserveBytes of the disk stay free. Default 2 GiB.
	ReserveBytes uint64
	// Every is the pause between looks at what there is to do. Default 6 s.
	Every time.Duration
	// CollectEvery is the pause between looks for deleted files. Default 10
	// minutes.
	CollectEvery time.Duration
	// DropAfter is how long fragments stay that the chain does not know.
	// Default 24 h.
	DropAfter time.Duration
	// Registry receives the miner's metrics; none by default.
	Registry prometheus.Registerer
	Logger   *slog.Logger
}

// maxReceiving bounds the fragments that are received at once.
const maxReceiving = 16

func (c *Config) complete() error {
	setDefault(&c.Listen, "127.0.0.1:15001")
	setDefault(&c.SpaceTiB, 1)
	setDefault(&c.ReserveBytes, 2<<30)
	setDefault(&c.Every, 6*time.Second)
	setDefault(&c.CollectEvery, 10*time.Minute)
	setDefault(&c.DropAfter, 24*time.Hour)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	switch {
	case c.Home == "":
		return errors.New("miner: no data folder is given")
	case c.Chain == "":
		return errors.New("miner: no chain node is given")
	case c.Signer == nil:
		return errors.New("miner: no account is given")
	case len(c.Endpoint) > (types.EndpointBound{}).Max():
		return fmt.Errorf("miner: the endpoint has %d bytes, at most %d fit on chain", len(c.Endpoint), (types.EndpointBound{}).Max())
	}
	return nil
}

func setDefault[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

// Miner is a running storage miner.
type Miner struct {
	cfg       Config
	log       *slog.Logger
	chain     *sdk.Client
	account   substrate.AccountID
	store     *Store
	server    *httpx.Server
	orders    orders
	metrics   metrics
	receiving *semaphore.Weighted
	doing     atomic.Value // string

	work    chan struct{} // something may be to do
	cancel  context.CancelFunc
	running sync.WaitGroup

	// Since when fragments seem unknown to the chain; used by the loop only.
	orphans, gone map[types.Hash]time.Time
}

// Start opens the store, listens, connects to the chain and registers the
// account if it is no miner yet. ctx bounds the start, not the miner's life.
func Start(ctx context.Context, cfg Config) (_ *Miner, err error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	m := &Miner{
		cfg: cfg, account: cfg.Signer.AccountID(),
		receiving: semaphore.NewWeighted(maxReceiving),
		work:      make(chan struct{}, 1),
		orphans:   make(map[types.Hash]time.Time), gone: make(map[types.Hash]time.Time),
	}
	m.orders.m = m
	m.log = cfg.Logger.With("miner", types.Address(m.account).String())
	m.doing.Store("starting")
	m.metrics = newMetrics(cfg.Registry)
	if m.store, err = OpenStore(filepath.Join(cfg.Home, types.Address(m.account).String(), "miner")); err != nil {
		return nil, err
	}
	if m.chain, err = sdk.Dial(ctx, cfg.Chain, sdk.WithLogger(m.log)); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, m.chain.Close())
		}
	}()
	// The API answers before the chain tells anybody where it is.
	if m.server, err = httpx.Listen(cfg.Listen, m.routes()); err != nil {
		return nil, err
	}
	if err := m.register(ctx); err != nil {
		return nil, errors.Join(err, m.server.Close())
	}
	loop, cancel := context.WithCancel(context.Background())
	m.cancel = cancel
	m.running.Go(func() { m.run(loop) })
	return m, nil
}

// Address is the host:port of the fragment API.
func (m *Miner) Address() string { return m.server.Address() }

// Account is the miner's account.
func (m *Miner) Account() substrate.AccountID { return m.account }

// Endpoint is what the miner publishes on chain.
func (m *Miner) Endpoint() string {
	if m.cfg.Endpoint != "" {
		return m.cfg.Endpoint
	}
	return "http://" + m.server.Address()
}

// Close stops serving and finishes what is under way.
func (m *Miner) Close() error {
	m.cancel()
	err := m.server.Close()
	m.running.Wait()
	return errors.Join(err, m.chain.Close())
}

// register makes the account a miner, or brings its record up to date.
func (m *Miner) register(ctx context.Context) error {
	me, found, err := sdk.Find(ctx, m.chain.Best(), sminer.Miners, m.account)
	if err != nil {
		return fmt.Errorf("read the miner's record: %w", err)
	}
	if !found {
		beneficiary := m.account
		if m.cfg.Beneficiary != nil {
			beneficiary = *m.cfg.Beneficiary
		}
		collateral := sminer.CollateralLimit(types.Tebibytes(m.cfg.SpaceTiB))
		_, err := m.chain.Submit(ctx, m.cfg.Signer, sminer.Regnstk{
			Beneficiary: beneficiary, Endpoint: types.Endpoint(m.Endpoint()),
			Staking: collateral, TiBCount: m.cfg.SpaceTiB,
		})
		if err != nil {
			return fmt.Errorf("register %v with %v planck of collateral: %w", types.Address(m.account), collateral, err)
		}
		m.log.Info("registered", "tib", m.cfg.SpaceTiB, "endpoint", m.Endpoint())
		return nil
	}
	if string(me.Endpoint) != m.Endpoint() {
		if _, err := m.chain.Submit(ctx, m.cfg.Signer, sminer.UpdateEndpoint{Endpoint: types.Endpoint(m.Endpoint())}); err != nil {
			return fmt.Errorf("publish the endpoint %s: %w", m.Endpoint(), err)
		}
		m.log.Info("published the endpoint", "endpoint", m.Endpoint())
	}
	if b := m.cfg.Beneficiary; b != nil && me.Beneficiary != *b {
		if _, err := m.chain.Submit(ctx, m.cfg.Signer, sminer.UpdateBeneficiary{Beneficiary: *b}); err != nil {
			return fmt.Errorf("name the beneficiary: %w", err)
		}
	}
	return nil
}

// wake lets the loop look at once.
func (m *Miner) wake() {
	select {
	case m.work <- struct{}{}:
	default:
	}
}

// run does what there is to do, until ctx ends.
func (m *Miner) run(ctx context.Context) {
	tick := time.NewTicker(m.cfg.Every)
	defer tick.Stop()
	var collected time.Time
	for {
		m.doing.Store("reporting")
		if err := m.reports(ctx); err != nil && ctx.Err() == nil {
			m.log.Warn("report to the chain", "err", err)
		}
		if time.Since(collected) >= m.cfg.CollectEvery {
			m.doing.Store("looking for deleted files")
			if err := m.collect(ctx); err != nil && ctx.Err() == nil {
				m.log.Warn("look for deleted files", "err", err)
			}
			collected = time.Now()
		}
		if fragments, bytes, err := m.store.Usage(); err == nil {
			m.metrics.fragments.Set(float64(fragments))
			m.metrics.bytes.Set(float64(bytes))
		}
		m.doing.Store("waiting for fragments")
		select {
		case <-ctx.Done():
			return
		case <-m.work:
		case <-tick.C:
		}
	}
}

// Status tells what the miner is and does.
func (m *Miner) Status(ctx context.Context) (Status, error) {
	me, _, err := sdk.Find(ctx, m.chain.Best(), sminer.Miners, m.account)
	if err != nil {
		return Status{}, err
	}
	fragments, bytes, err := m.store.Usage()
	if err != nil {
		return Status{}, err
	}
	return Status{
		Version: version.Text(), Endpoint: string(me.Endpoint), State: string(me.State),
		SignatureAccount: types.Address(m.account).String(),
		StakingAccount:   types.Address(me.StakingAccount).String(),
		EarningsAccount:  types.Address(me.Beneficiary).String(),
		DeclarationSpace: me.DeclarationSpace.String(), IdleSpace: me.IdleSpace.String(),
		ServiceSpace: me.ServiceSpace.String(), LockSpace: me.LockSpace.String(),
		Fragments: fragments, FragmentBytes: bytes, Doing: m.doing.Load().(string),
	}, nil
}

// Err is nil: a miner goes on whatever happens and logs what fails.
func (m *Miner) Err() error { return nil }
