// Package tee is the role that tags fragments, certifies idle space and judges
// proofs: a TEE worker of a CESS network (spec/podr2-tee.md).
//
// A worker has an identity key of its own. All workers of a network share the
// master key, which signs results, and the key of PoDR² version 2; the first
// worker makes both, later ones get them from it over the chain, encrypted.
// Which secrets to trust, which question a miner was asked and which fragments
// it holds the worker reads from the chain, never from the miner.
//
//	w, err := tee.Start(ctx, tee.Config{Home: dir, Chain: url, Signer: key, Stash: &stash})
//	defer w.Close()
//
// Start returns once the worker serves and is on its way to be registered; its
// services answer Unavailable until it has the master key. What miners are in
// the middle of survives restarts.
package tee

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"

	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/sdk"
	api "github.com/gocess/gocess/sdk/tee"
	"github.com/gocess/gocess/storage/pois"
)

// Worker is a running TEE worker.
type Worker struct {
	cfg      Config
	log      *slog.Logger
	client   *sdk.Client
	view     chainView
	identity *keyPair
	ring     *ring
	server   *server
	metrics  metrics
	callers  *callers
	gates    gates
	lists    lists

	commitments *journal[commitment]
	histories   *journal[history]

	poisMu  sync.Mutex
	pois    *pois.Verifier  // guarded by poisMu; nil until asked for
	poisFor sminer.Expender // guarded by poisMu

	doing   atomic.Value // string
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// gates admit work, by kind, so that a flood of one kind leaves the others
// alone.
type gates struct{ tag, commit, space, verify *gate }

// Start opens the worker's folder, waits for its node and serves. ctx bounds the
// start, not the worker's life.
func Start(ctx context.Context, cfg Config) (_ *Worker, err error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	client, err := sdk.Await(ctx, cfg.Chain, sdk.WithLogger(cfg.Logger))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, client.Close())
		}
	}()
	w, err := open(cfg, client.Genesis(), &nodeView{client: client})
	if err != nil {
		return nil, err
	}
	w.client = client
	if err := w.checkIdentity(ctx); err != nil {
		return nil, err
	}
	if w.server, err = w.listen(cfg.Listen); err != nil {
		return nil, err
	}
	loop, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	w.running.Go(func() { w.run(loop) })
	return w, nil
}

// open reads the worker's folder and makes its parts; nothing runs yet. cfg is
// complete.
func open(cfg Config, genesis [32]byte, view chainView) (*Worker, error) {
	v, err := openVault(filepath.Join(cfg.Home, keyFolder), cfg.Sealer)
	if err != nil {
		return nil, err
	}
	identity, err := loadIdentity(v, genesis, cfg.Identity)
	if err != nil {
		return nil, err
	}
	w := &Worker{
		cfg: cfg, view: view, identity: identity,
		log:     cfg.Logger.With("worker", identity.String()[:16]),
		metrics: newMetrics(cfg.Registry),
		callers: newCallers(cfg.MinerRate, cfg.MinerBurst, cfg.HostReceptions, cfg.Patience),
		gates: gates{
			tag:    newGate(cfg.Parallel, cfg.Queue, cfg.Patience),
			commit: newGate(cfg.Parallel, cfg.Queue, cfg.Patience),
			space:  newGate(cfg.Parallel, cfg.Queue, cfg.Patience),
			verify: newGate(cfg.Parallel, cfg.Queue, cfg.Patience),
		},
	}
	w.doing.Store("starting")
	if w.ring, err = openRing(v, identity); err != nil {
		return nil, err
	}
	journals := filepath.Join(cfg.Home, "journal")
	if w.commitments, err = openJournal[commitment](filepath.Join(journals, "commitments"), cfg.JournalLife); err != nil {
		return nil, err
	}
	w.histories, err = openJournal[history](filepath.Join(journals, "verdicts"), cfg.JournalLife)
	return w, err
}

// services are those of the worker's role. Each role can do all of its work,
// unlike upstream's (spec/podr2-tee.md §2.5).
func (w *Worker) services() []*grpc.ServiceDesc {
	out := []*grpc.ServiceDesc{api.Service(api.ServicePubkeys,
		api.Unary(api.IdentityPubkey, w.identityPubkey),
		api.Unary(api.MasterPubkey, w.masterPubkey),
		api.Unary(api.Podr2Pubkey, w.podr2Pubkey))}
	if w.cfg.Role != teeworker.Verifier {
		out = append(out,
			api.Service(api.ServicePoisCertifier,
				api.Unary(api.NewMinerKey, w.newMinerKey),
				api.Unary(api.CommitChallenge, w.commitChallenge),
				api.Unary(api.VerifyCommit, w.verifyCommit),
				api.Unary(api.VerifyDeletion, w.verifyDeletion)),
			api.Service(api.ServicePodr2,
				api.Duplex(api.GenTag, w.genTag),
				api.Unary(api.Echo, w.echo)),
			api.Service(api.ServiceTaggerV2,
				api.Unary(api.TaggerKey, w.taggerKey),
				api.Unary(api.TagV2, w.tagV2)))
	}
	if w.cfg.Role != teeworker.Marker {
		out = append(out,
			api.Service(api.ServicePoisVerifier,
				api.Unary(api.VerifySpaceBlock, w.verifySpaceBlock),
				api.Unary(api.VerifySpaceTotal, w.verifySpaceTotal)),
			api.Service(api.ServicePodr2Verifier,
				api.Unary(api.BatchVerify, w.batchVerify),
				api.Unary(api.AggregateSignature, w.aggregateSignature)),
			api.Service(api.ServiceVerifierV2,
				api.Unary(api.VerifyV2, w.verifyV2)))
	}
	return out
}

// Address is the host:port of the services.
func (w *Worker) Address() string { return w.server.listener.Addr().String() }

// Identity is the key under which the chain knows the worker.
func (w *Worker) Identity() types.WorkerPublicKey { return w.identity.public }

// Endpoint is what the worker publishes on chain.
func (w *Worker) Endpoint() string {
	if w.cfg.Endpoint != "" {
		return w.cfg.Endpoint
	}
	return "http://" + w.Address()
}

// Ready says whether the worker has the master key in use.
func (w *Worker) Ready() bool { return w.ring.current() != nil }

// Err is nil: a worker goes on whatever happens and logs what fails.
func (w *Worker) Err() error { return nil }

// Close stops serving and finishes what is under way.
func (w *Worker) Close() error {
	w.cancel()
	err := w.server.close()
	w.running.Wait()
	return errors.Join(err, w.client.Close())
}

func loadIdentity(v *vault, genesis [32]byte, given interface{ Public() []byte }) (*keyPair, error) {
	stored, err := v.identity(genesis)
	if err != nil {
		return nil, fmt.Errorf("identity of the worker: %w", err)
	}
	injected, err := injectedIdentity(given)
	if err != nil {
		return nil, err
	}
	switch {
	case stored != nil && injected != nil && stored.public != injected.public:
		return nil, fmt.Errorf("identity of the worker: the folder holds %s, the configuration says %s", stored, injected)
	case stored != nil:
		return stored, nil
	case injected != nil:
		return injected, v.putIdentity(genesis, injected, true)
	}
	made, err := newIdentity()
	if err != nil {
		return nil, fmt.Errorf("identity of the worker: %w", err)
	}
	return made, v.putIdentity(genesis, made, false)
}
