package miner

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"

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
	// StakingAccount pays the collateral instead of the miner; it must call
	// increase_collateral itself. Default the miner's own account.
	StakingAccount *substrate.AccountID
	// SpaceTiB is the space to declare when the miner registers; 4,000 TCESS of
	// collateral for each are reserved. Default 1.
	SpaceTiB uint32

	// MaxSpaceBytes is the disk that idle files, fragments and tags may use.
	// Default SpaceTiB TiB.
	MaxSpaceBytes uint64
	// ReserveBytes of the disk stay free. Default 2 GiB.
	ReserveBytes uint64
	// Cores is the number of cores that generate idle files. Default 1.
	Cores int
	// CPUShare is the share of each of these cores that may be used, in
	// (0, 1]. Default 1.
	CPUShare float64
	// DiskBytesPerSecond bounds how fast idle files are written. Default no
	// bound.
	DiskBytesPerSecond uint64
	// Heavy, if set, is shared by miners of one process: each heavy
	// computation holds one unit of it.
	Heavy *semaphore.Weighted
	// NoIdle turns the generation of idle files off.
	NoIdle bool
	// IdleGoalBytes is how much certified idle space, as the chain counts it, is
	// kept ready for data. Default all declared space; less earns less.
	IdleGoalBytes uint64

	// TEEs restricts the miner to these TEE workers, if any are named.
	TEEs []types.WorkerPublicKey
	// AllowPrivate lets the miner fetch fragments from private addresses.
	AllowPrivate bool
	// MaxClaims is the number of restoral orders worked on at once. Default 4.
	MaxClaims int

	// Every is the pause between looks at what there is to do. Default 6 s.
	Every time.Duration
	// SpaceEvery is the pause between looks at idle space. Default 30 s.
	SpaceEvery time.Duration
	// RestoreEvery is the pause between looks for lost fragments and restoral
	// orders. Default 5 minutes.
	RestoreEvery time.Duration
	// ClaimEvery is the pause between claims of rewards. Default 24 h;
	// negative: only `cess miner claim` claims.
	ClaimEvery time.Duration
	// CheckEvery is the pause between checks of all data on disk. Default 7
	// days; negative: none.
	CheckEvery time.Duration
	// CollectEvery is the pause between looks for deleted files. Default 10
	// minutes.
	CollectEvery time.Duration
	// DropAfter is how long fragments stay that the chain does not know.
	// Default 24 h.
	DropAfter time.Duration
	// RetryAfter is the first pause after a failure; it doubles up to
	// MaxRetry. Defaults 2 s and 2 minutes.
	RetryAfter, MaxRetry time.Duration

	// Registry receives the miner's metrics; none by default.
	Registry prometheus.Registerer
	Logger   *slog.Logger

	// step, if set, is called between the durable steps of jobs; its error
	// ends the job there. Tests stop the miner with it.
	step func(name string) error
}

// maxReceiving bounds the fragments that are received at once.
const maxReceiving = 16

func (c *Config) complete() error {
	setDefault(&c.Listen, "127.0.0.1:15001")
	setDefault(&c.SpaceTiB, 1)
	setDefault(&c.MaxSpaceBytes, uint64(c.SpaceTiB)<<40)
	setDefault(&c.ReserveBytes, 2<<30)
	setDefault(&c.Cores, 1)
	setDefault(&c.CPUShare, 1)
	setDefault(&c.MaxClaims, 4)
	setDefault(&c.Every, 6*time.Second)
	setDefault(&c.SpaceEvery, 30*time.Second)
	setDefault(&c.RestoreEvery, 5*time.Minute)
	setDefault(&c.ClaimEvery, 24*time.Hour)
	setDefault(&c.CheckEvery, 7*24*time.Hour)
	setDefault(&c.CollectEvery, 10*time.Minute)
	setDefault(&c.DropAfter, 24*time.Hour)
	setDefault(&c.RetryAfter, 2*time.Second)
	setDefault(&c.MaxRetry, 2*time.Minute)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.step == nil {
		c.step = func(string) error { return nil }
	}
	if c.Heavy == nil {
		c.Heavy = semaphore.NewWeighted(2)
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
	case c.CPUShare < 0 || c.CPUShare > 1:
		return fmt.Errorf("miner: the share of a core is %v, not between 0 and 1", c.CPUShare)
	case c.Cores < 0:
		return fmt.Errorf("miner: %d cores", c.Cores)
	}
	return nil
}

func setDefault[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}
