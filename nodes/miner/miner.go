// Package miner is the role that keeps a network's data and is paid for it: it
// fills its space with idle files and has them certified, receives fragments
// from gateways, has them tagged, serves them, answers the chain's challenges,
// restores what others lost, and drops what the chain has forgotten
// (spec/miner.md).
//
//	m, err := miner.Start(ctx, miner.Config{Home: dir, Chain: "ws://…", Signer: key})
//	…
//	err = m.Close()
//
// Everything runs as jobs of one supervisor (jobs.go lists them). A job asks
// the chain what is left to do, does it in steps that are each durable, and may
// be killed between any two of them. While the chain or all TEE workers are
// away, jobs wait and fragments are served on.
package miner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/gocess/gocess/internal/durable"
	"github.com/gocess/gocess/internal/httpx"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner/jobs"
	"github.com/gocess/gocess/nodes/miner/tees"
	"github.com/gocess/gocess/primitives/substrate"
)

// Miner is a running storage miner.
type Miner struct {
	cfg     Config
	log     *slog.Logger
	account substrate.AccountID
	began   time.Time

	lock    *folderLock
	store   *Store
	keys    *tagKeys
	journal *journal
	proofs  proofFiles
	idle    *idleSpace

	link    *link
	tees    *tees.Pool
	peers   *peers
	server  *httpx.Server
	jobs    *jobs.Supervisor
	orders  orders
	metrics metrics
	cheat   cheats

	receiving *semaphore.Weighted
	checking  sync.Mutex // held by whoever checks all data
	cancel    context.CancelFunc
	life      context.Context // ends with Close

	mu       sync.Mutex
	missedAt map[string]types.BlockNumber // guarded by mu; the last challenge that was missed, by kind
	last     *look                        // guarded by mu; for the status while the chain is away

	// Since when fragments seem unknown to the chain.
	orphans, gone sightings
}

// rootOf is the folder of an account.
func rootOf(home string, account substrate.AccountID) string {
	return filepath.Join(home, types.Address(account).String(), "miner")
}

// Start opens the folder, listens, and starts the miner's jobs, of which one
// registers the account. It does not wait for the chain: what needs it is tried
// until it works. Only what the operator must mend is an error.
func Start(ctx context.Context, cfg Config) (_ *Miner, err error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	m := &Miner{
		cfg: cfg, account: cfg.Signer.AccountID(), began: time.Now(),
		receiving: semaphore.NewWeighted(maxReceiving),
		missedAt:  make(map[string]types.BlockNumber),
	}
	m.orders.m = m
	m.log = cfg.Logger.With("miner", types.Address(m.account).String())
	m.metrics = newMetrics(cfg.Registry)
	root := rootOf(cfg.Home, m.account)
	if err := durable.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("miner: %w", err)
	}
	if m.lock, err = lockFolder(root); err != nil {
		return nil, fmt.Errorf("miner: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, m.lock.unlock())
		}
	}()
	if err := m.open(root); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, m.idle.close())
		}
	}()
	m.link = newLink(cfg.Chain, filepath.Join(root, "genesis"), m.log)
	m.peers = newPeers(cfg.Signer, cfg.AllowPrivate)
	m.tees = tees.New(m.account, tees.Options{
		Only: cfg.TEEs, Rest: cfg.RetryAfter, MaxRest: cfg.MaxRetry, Refresh: max(10*cfg.Every, 10*time.Second), Logger: m.log,
	})
	if _, err := m.link.get(ctx); err != nil {
		if errors.Is(err, ErrOtherChain) {
			return nil, err
		}
		m.log.Warn("no chain node answers; fragments are served meanwhile", "err", err)
	}
	m.life, m.cancel = context.WithCancel(context.Background())
	// The API answers before the chain tells anybody where it is.
	if m.server, err = httpx.Listen(cfg.Listen, m.routes()); err != nil {
		m.cancel()
		return nil, errors.Join(err, m.link.close())
	}
	m.jobs = jobs.New(m.log, jobs.Backoff{Min: cfg.RetryAfter, Max: cfg.MaxRetry})
	m.jobs.Start(m.life, m.jobList()...)
	return m, nil
}

// open opens what is on disk.
func (m *Miner) open(root string) (err error) {
	if m.store, err = OpenStore(root); err != nil {
		return err
	}
	if m.journal, err = openJournal(filepath.Join(root, "journal")); err != nil {
		return err
	}
	if m.cheat, err = newCheats(m.account); err != nil {
		return err
	}
	m.keys, m.proofs = openTagKeys(root), proofFiles{filepath.Join(root, "journal")}
	m.idle = newIdleSpace(root, m.account)
	return m.idle.reopen()
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

// Close stops serving and ends the jobs at their next durable step.
func (m *Miner) Close() error {
	m.cancel()
	err := m.server.Close()
	m.jobs.Wait()
	m.peers.close()
	return errors.Join(err, m.tees.Close(), m.link.close(), m.idle.close(), m.lock.unlock())
}

// Err is nil: a miner goes on whatever happens and logs what fails.
func (m *Miner) Err() error { return nil }
