package tee

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	api "github.com/gocess/gocess/sdk/tee"
)

// Config is what a Worker is built from.
type Config struct {
	// Home is the worker's folder: keys, and what miners are in the middle of.
	Home string
	// Chain lists WebSocket addresses of nodes, separated by commas. The worker
	// believes what they say; run one of your own.
	Chain string
	// Signer pays for the worker's extrinsics; any account will do.
	Signer sdk.Signer
	// Stash is the bonded account that answers for the worker's verdicts. Full
	// workers and verifiers need one, markers have none.
	Stash *substrate.AccountID
	// StashSigner is the stash or its controller, who has to sign the
	// registration that names the stash, and pays for that one. Default Signer;
	// of no use once the worker is registered.
	StashSigner sdk.Signer
	// Role decides which services are offered. Default Full.
	Role teeworker.Role
	// Listen is the host:port of the gRPC services. Default 127.0.0.1:19999.
	Listen string
	// Endpoint is published on chain for miners. Default http:// and the address
	// that is listened on. Upstream miners speak TLS to any endpoint that contains
	// "443".
	Endpoint string
	// Identity is the worker's key, for development networks that know it
	// beforehand. Default a key that the worker makes and keeps.
	Identity crypto.Pair
	// Attester makes evidence of what runs. Default none, which only development
	// chains accept.
	Attester Attester
	// Sealer protects the keys on disk. Default Unsealed.
	Sealer Sealer
	// MaxConfidence is the worst confidence level of evidence, 1 to 5, of a worker
	// that this one hands the master key to. Workers without evidence get it only
	// if the chain admits such workers. Default 3.
	MaxConfidence uint8
	// RequireAllPaths refuses commit proofs in upstream's form, in which most
	// labels are the miner's word (spec/pois.md §17, S4). Default off.
	RequireAllPaths bool
	// Every is the pause between looks at the worker's standing on chain, beside
	// those that new blocks cause. Default 6 s.
	Every time.Duration
	// JournalLife is how long the worker remembers what a miner is in the middle
	// of. Default 24 h.
	JournalLife time.Duration
	// Parallel is the number of requests of one kind that are worked on at once.
	// Default the number of cores, at least 2.
	Parallel int
	// Queue is how many more wait. Default four times Parallel.
	Queue int
	// Patience is how long one waits before the worker is busy. Default 20 s.
	Patience time.Duration
	// Receptions is the number of messages that are received at once; each may
	// have 100 MiB. Default 16.
	Receptions int
	// HostReceptions is how many of them one host may have. Default 12.
	HostReceptions int
	// ReceiveTimeout bounds the reception of one message. Default 3 minutes.
	ReceiveTimeout time.Duration
	// CallTimeout bounds a call as a whole. Default 20 minutes.
	CallTimeout time.Duration
	// MinerRate and MinerBurst limit the requests of one miner from one host: per
	// second, and at once. Default 20 and 200.
	MinerRate  float64
	MinerBurst int
	// Registry receives the worker's metrics; none by default.
	Registry prometheus.Registerer
	Logger   *slog.Logger
}

func (c *Config) complete() error {
	setDefault(&c.Listen, "127.0.0.1:19999")
	setDefault(&c.MaxConfidence, 3)
	setDefault(&c.Every, 6*time.Second)
	setDefault(&c.JournalLife, 24*time.Hour)
	setDefault(&c.Parallel, max(2, runtime.NumCPU()))
	setDefault(&c.Queue, 4*c.Parallel)
	setDefault(&c.Patience, 20*time.Second)
	setDefault(&c.Receptions, 16)
	setDefault(&c.HostReceptions, 12)
	setDefault(&c.ReceiveTimeout, 3*time.Minute)
	setDefault(&c.CallTimeout, 20*time.Minute)
	setDefault(&c.MinerRate, 20)
	setDefault(&c.MinerBurst, 200)
	if c.StashSigner == nil {
		c.StashSigner = c.Signer
	}
	if c.Attester == nil {
		c.Attester = NoAttestation{}
	}
	if c.Sealer == nil {
		c.Sealer = Unsealed{}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	switch {
	case c.Home == "":
		return errors.New("tee: no data folder is given")
	case c.Chain == "":
		return errors.New("tee: no chain node is given")
	case c.Signer == nil:
		return errors.New("tee: no account is given")
	case (c.Role == teeworker.Marker) != (c.Stash == nil):
		return errors.New("tee: full workers and verifiers need a stash, markers have none")
	case c.Parallel < 1 || c.Queue < 0 || c.Receptions < 1 || c.HostReceptions < 1:
		return errors.New("tee: a limit is not positive")
	}
	if c.Endpoint != "" {
		if _, _, err := api.Target(c.Endpoint); err != nil {
			return fmt.Errorf("tee: --endpoint: %w", err)
		}
	}
	return nil
}

func setDefault[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}
