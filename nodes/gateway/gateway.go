// Package gateway is the role between users and miners: it takes files over
// HTTP, cuts them into fragments, declares them on chain, brings every column
// to a miner of its own, and restores files from miners on request
// (spec/gateway.md).
//
// An upload is acknowledged when its fragments and a record of what to do are
// on disk and the declaration is on chain. From then on the gateway finishes
// the job whatever crashes. It keeps only what miners get too: of encrypted
// uploads neither plaintext nor cipher touches the disk.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/gocess/gocess/internal/durable"
	"github.com/gocess/gocess/internal/httpx"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// Gateway is a running gateway.
type Gateway struct {
	cfg     Config
	log     *slog.Logger
	chain   *sdk.Client
	account substrate.AccountID
	journal *Journal
	depot   *depot
	jobs    *jobs
	roster  *roster
	carrier *carrier
	limits  limits
	metrics metrics
	server  *httpx.Server

	uploads, downloads *semaphore.Weighted
	intake             keyed // one commit of an upload per fid at a time
	chunks             keyed // one chunk of a partial upload at a time, by partialID

	life    context.Context // ends with Close
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// Start opens the journal, connects to the chain, registers the gateway,
// listens, and takes up what was under way. ctx bounds the start, not the
// gateway's life.
func Start(ctx context.Context, cfg Config) (_ *Gateway, err error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	g := &Gateway{
		cfg: cfg, account: cfg.Signer.AccountID(), limits: newLimits(),
		uploads:   semaphore.NewWeighted(int64(cfg.MaxUploads)),
		downloads: semaphore.NewWeighted(int64(cfg.MaxDownloads)),
	}
	g.log = cfg.Logger.With("gateway", types.Address(g.account).String())
	g.life, g.cancel = context.WithCancel(context.Background())
	defer func() {
		if err != nil {
			err = errors.Join(err, g.Close())
		}
	}()
	if err := durable.MkdirAll(cfg.Home, 0o700); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	if g.journal, err = OpenJournal(filepath.Join(cfg.Home, "journal")); err != nil {
		return nil, err
	}
	if g.depot, err = openDepot(cfg.Home); err != nil {
		return nil, err
	}
	if g.chain, err = sdk.Await(ctx, cfg.Chain, sdk.WithLogger(g.log)); err != nil {
		return nil, err
	}
	g.carrier = newCarrier(cfg.Signer, cfg.RefusePrivate)
	g.roster = newRoster(g.chain, cfg.RefusePrivate)
	g.jobs = newJobs(g)
	if err := g.resume(); err != nil {
		return nil, err
	}
	g.metrics = newMetrics(cfg.Registry, g.jobs)
	// The API answers before the chain tells anybody where it is.
	if g.server, err = httpx.Listen(cfg.Listen, g.routes()); err != nil {
		return nil, err
	}
	if err := g.register(ctx); err != nil {
		return nil, err
	}
	g.running.Go(func() { g.jobs.run(g.life) })
	g.running.Go(func() { g.follow(g.life) })
	g.running.Go(func() { g.sweepPartials(g.life) })
	return g, nil
}

// Address is the host:port of the HTTP API.
func (g *Gateway) Address() string { return g.server.Address() }

// Account is the gateway's account.
func (g *Gateway) Account() substrate.AccountID { return g.account }

// Domain is what the gateway publishes on chain.
func (g *Gateway) Domain() string {
	if g.cfg.Domain != "" {
		return g.cfg.Domain
	}
	return g.server.Address()
}

// Err is nil: a gateway goes on whatever happens and logs what fails.
func (g *Gateway) Err() error { return nil }

// Close stops serving and all work. Unfinished uploads go on with the next
// Start.
func (g *Gateway) Close() error {
	var errs []error
	if g.server != nil {
		errs = append(errs, g.server.Close())
	}
	g.cancel()
	g.running.Wait()
	if g.carrier != nil {
		g.carrier.close()
	}
	if g.chain != nil {
		errs = append(errs, g.chain.Close())
	}
	if g.journal != nil {
		errs = append(errs, g.journal.Close())
	}
	return errors.Join(errs...)
}

// keyed hands out one lock per key.
type keyed struct {
	mu   sync.Mutex
	held map[types.Hash]*heldLock // guarded by mu
}

type heldLock struct {
	mu    sync.Mutex
	users int // guarded by keyed.mu
}

// lock waits for the key's lock and returns what releases it.
func (k *keyed) lock(key types.Hash) (unlock func()) {
	k.mu.Lock()
	if k.held == nil {
		k.held = make(map[types.Hash]*heldLock)
	}
	l, ok := k.held[key]
	if !ok {
		l = new(heldLock)
		k.held[key] = l
	}
	l.users++
	k.mu.Unlock()
	l.mu.Lock()
	return func() {
		l.mu.Unlock()
		k.mu.Lock()
		defer k.mu.Unlock()
		if l.users--; l.users == 0 {
			delete(k.held, key)
		}
	}
}
