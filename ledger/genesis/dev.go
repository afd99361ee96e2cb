package genesis

import (
	"encoding/json"
	"fmt"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/babe"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/collective"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/sudo"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// planck per token.
var token = scale.U128From64(1_000_000_000_000_000_000)

func tokens(n uint64) types.Balance { return scale.U128From64(n).SaturatingMul(token) }

// DevNames are the well-known accounts; their secrets are public
// (//Alice and so on), so they are worth something on development chains only.
var DevNames = []string{"Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie"}

// maxDevCandidates is Session's bound on authorities.
const maxDevCandidates = 100

// DevName is the name of a validator or candidate, from 0. //Name is the secret of
// its session keys, //Name//stash that of its bond.
func DevName(i int) string {
	if i < len(DevNames) {
		return DevNames[i]
	}
	return fmt.Sprintf("Validator%d", i+1)
}

// DevOptions shape a development chain.
type DevOptions struct {
	// GenesisTimeMs is when the chain starts.
	GenesisTimeMs uint64
	// BlockTimeMs is 1000 unless set.
	BlockTimeMs uint64
	// Validators is the number of seats, taken at first by //Alice, //Bob and so
	// on; 1 unless set.
	Validators int
	// Candidates is how many accounts are bonded and want a seat, among whom
	// elections choose; as many as Validators unless set. The secrets of
	// those after the six of DevNames are //Validator7, //Validator8 and so on.
	Candidates int
	// Miners get tokens for their collateral.
	Miners []DevMiner
	// MinerIdleSpace, if not zero, registers them with so many bytes of idle
	// space that nobody certified, which is good for tests without a TEE worker.
	MinerIdleSpace uint64
	// TEE is the worker that makes the master key when it starts, if any.
	TEE *DevTEE
	// Pace says how fast miners are challenged.
	Pace DevPace
	// Endowed are secret URIs of further accounts that get tokens.
	Endowed []string
}

// DevMiner is a miner of a development chain.
type DevMiner struct {
	SURI string
	// Endpoint may be empty: the miner publishes it when it starts.
	Endpoint string
}

// DevTEE is a TEE worker whose secret URI is its identity as well as the
// account that pays its fees. The first validator's stash answers for it.
type DevTEE struct {
	SURI     string
	Endpoint string
}

// DevPace is how fast the mining economy of a development chain runs, in
// blocks. Zero fields get DefaultPace's values.
type DevPace struct {
	Day             uint32 // length of a day: parts of rewards are due once a day
	Epoch           uint32 // session; six of them are an era
	ChallengePeriod uint32 // between challenges, each of one miner drawn by chance
	MissLimit       uint32 // challenges in a row that a miner may ignore before it is forced out
	Deadline        uint32 // for a proof, and again for the verdict on it
}

// DefaultPace has a day of ten minutes and an era of one at one block a second.
var DefaultPace = DevPace{Day: 600, Epoch: 10, ChallengePeriod: 8, MissLimit: 6, Deadline: 60}

// FastPace shows rewards and punishments within a few minutes.
var FastPace = DevPace{Day: 30, Epoch: 5, ChallengePeriod: 2, MissLimit: 3, Deadline: 20}

func (p *DevPace) complete() {
	for _, f := range []struct{ v, to *uint32 }{
		{&p.Day, &DefaultPace.Day}, {&p.Epoch, &DefaultPace.Epoch},
		{&p.ChallengePeriod, &DefaultPace.ChallengePeriod}, {&p.MissLimit, &DefaultPace.MissLimit},
		{&p.Deadline, &DefaultPace.Deadline},
	} {
		if *f.v == 0 {
			*f.v = *f.to
		}
	}
}

// Rates of proving and verifying on a development chain, in bytes per block:
// so high that deadlines depend on the fixed times alone. The unit of idle
// space stays the public network's although the files of a small graph are
// smaller.
const devRate = 1 << 50

// The graph of idle files: 128 KiB each, made in milliseconds.
var devExpender = sminer.Expender{K: 8, N: 2048, D: 8}

// Dev builds a development chain.
func Dev(o DevOptions) (*Spec, error) {
	if o.BlockTimeMs == 0 {
		o.BlockTimeMs = 1000
	}
	if o.Validators == 0 {
		o.Validators = 1
	}
	if o.Candidates == 0 {
		o.Candidates = o.Validators
	}
	if o.Validators < 1 || o.Candidates < o.Validators || o.Candidates > maxDevCandidates {
		return nil, fmt.Errorf("a development chain of %d validators and %d candidates: at least as many candidates as validators are needed, and at most %d", o.Validators, o.Candidates, maxDevCandidates)
	}
	o.Pace.complete()
	b := devBuilder{balances: map[types.Address]types.Balance{types.Address(pallets.Treasury): tokens(1)}}
	for _, pot := range []substrate.PalletID{types.RewardPot, types.PunishmentPot, types.SpacePot, types.ReservePot, types.ReservoirPot} {
		b.balances[types.Address(substrate.AccountOfPallet(pot))] = tokens(1)
	}
	for _, name := range DevNames {
		b.endow("//"+name, 100_000_000)
		b.endow("//"+name+"//stash", 100_000_000)
	}
	for _, suri := range o.Endowed {
		b.endow(suri, 1_000_000)
	}
	for _, m := range o.Miners {
		b.miner(m, o.MinerIdleSpace)
	}
	for i := range o.Candidates {
		name := DevName(i)
		if i >= len(DevNames) {
			b.endow("//"+name, 100_000_000)
			b.endow("//"+name+"//stash", 100_000_000)
		}
		b.validator(name)
	}
	b.tee(o.TEE)
	if b.err != nil {
		return nil, fmt.Errorf("development chain: %w", b.err)
	}
	sudoKey := b.address("//Alice")
	council := collective.Genesis{Members: []types.Address{sudoKey, b.address("//Bob"), b.address("//Charlie")}}
	spec := &Spec{
		Name: "CESS Development", ID: "cess-dev", ChainType: "Development",
		Properties:    CESS,
		BlockTimeMs:   o.BlockTimeMs,
		GenesisTimeMs: o.GenesisTimeMs,
		Constants:     map[string]json.RawMessage{},
		Pallets:       map[string]json.RawMessage{},
	}
	day, epoch := uint64(o.Pace.Day), uint64(o.Pace.Epoch)
	hour := max(1, day/24)
	for name, v := range map[string]uint64{
		"Audit.ChallengePeriod":             uint64(o.Pace.ChallengePeriod),
		"Audit.FirstChallenge":              2 * epoch,
		"Audit.IdleProveRate":               devRate,
		"Audit.MissLimit":                   uint64(o.Pace.MissLimit),
		"Audit.OneDay":                      day,
		"Audit.OneHours":                    hour,
		"Audit.ProveTime":                   uint64(o.Pace.Deadline),
		"Audit.ServiceProveRate":            devRate,
		"Audit.VerifyRate":                  devRate,
		"Audit.VerifyTime":                  uint64(o.Pace.Deadline),
		"Babe.EpochDuration":                epoch,
		"Babe.ExpectedBlockTime":            o.BlockTimeMs,
		"Council.MotionDuration":            5 * day,
		"FileBank.DealLife":                 max(day, 600),
		"FileBank.OneDay":                   day,
		"FileBank.RestoralOrderLife":        60,
		"Podr2.DisputePeriod":               60,
		"SchedulerCredit.PeriodDuration":    6 * epoch,
		"Sminer.CoolingPeriod":              hour,
		"Sminer.ExitLock":                   hour,
		"Sminer.OneDayBlock":                day,
		"Sminer.StakingLockBlock":           day,
		"StorageHandler.FrozenDays":         7 * day,
		"StorageHandler.LockingBlock":       hour,
		"StorageHandler.OneDay":             day,
		"StorageHandler.OneHours":           hour,
		"TechnicalCommittee.MotionDuration": 5 * day,
		"Timestamp.MinimumPeriod":           o.BlockTimeMs / 2,
		"Treasury.PayoutPeriod":             30 * day,
		"Treasury.SpendPeriod":              day,
	} {
		spec.Constants[name] = json.RawMessage(fmt.Sprint(v))
	}
	// A fine must not cost the seat: without an election eras stop.
	spec.Constants["R2S.LeastBacking"] = fmt.Appendf(nil, "%q", tokens(devLeastBond).String())
	for name, v := range devEras(epoch, o.BlockTimeMs) {
		spec.Constants[name] = json.RawMessage(fmt.Sprint(v))
	}
	for name, config := range map[string]any{
		"Babe":               babe.Genesis{GenesisSlot: o.GenesisTimeMs / 6000},
		"Balances":           balances.Genesis{Balances: b.balances},
		"Council":            council,
		"Session":            session.Genesis{Validators: b.validators[:o.Validators], Candidates: b.validators[o.Validators:]},
		"Sminer":             sminer.Genesis{Expender: &devExpender, Miners: b.miners},
		"Staking":            devStakers(b.validators, o.Validators),
		"StorageHandler":     storagehandler.Genesis{Price: tokens(30)},
		"Sudo":               sudo.Genesis{Key: &sudoKey},
		"TechnicalCommittee": council,
		"TeeWorker":          b.workers,
	} {
		raw, err := json.Marshal(config)
		if err != nil {
			return nil, err
		}
		spec.Pallets[name] = raw
	}
	return spec, spec.Validate()
}

// devBuilder collects the parts of a spec; the first error stays.
type devBuilder struct {
	balances   map[types.Address]types.Balance
	validators []session.GenesisValidator
	miners     []sminer.GenesisMiner
	workers    teeworker.Genesis
	err        error
}

func (b *devBuilder) pair(scheme crypto.Scheme, suri string) crypto.Pair {
	p, err := crypto.FromURI(scheme, suri)
	if err != nil && b.err == nil {
		b.err = fmt.Errorf("account %s: %w", suri, err)
	}
	return p
}

func (b *devBuilder) address(suri string) (a types.Address) {
	if p := b.pair(crypto.Sr25519, suri); p != nil {
		a = types.Address(p.AccountID())
	}
	return a
}

func (b *devBuilder) endow(suri string, amount uint64) {
	b.balances[b.address(suri)] = tokens(amount)
}

func (b *devBuilder) miner(m DevMiner, idle uint64) {
	b.endow(m.SURI, 1_000_000)
	if idle == 0 {
		return
	}
	account := b.address(m.SURI)
	b.miners = append(b.miners, sminer.GenesisMiner{
		Account: account, Beneficiary: account, Endpoint: m.Endpoint, IdleSpace: scale.U128From64(idle),
	})
}

// tee registers the worker and asks it for a master key. Workers need no
// evidence on a development chain.
func (b *devBuilder) tee(w *DevTEE) {
	anyProgram := false
	b.workers = teeworker.Genesis{NoneAttestationEnabled: true, CesealVerifyRequired: &anyProgram}
	if w == nil {
		return
	}
	b.endow(w.SURI, 1_000_000)
	identity, stash := substrate.H256(b.address(w.SURI)), b.validators[0].Stash
	b.workers.Workers = []teeworker.GenesisWorker{{PublicKey: identity, Stash: &stash, Endpoint: w.Endpoint}}
	b.workers.Launcher = &identity
}

func (b *devBuilder) validator(name string) {
	public := func(scheme crypto.Scheme) []byte {
		if p := b.pair(scheme, "//"+name); p != nil {
			return p.Public()
		}
		return nil
	}
	var k types.SessionKeys
	copy(k.Grandpa[:], public(crypto.Ed25519))
	copy(k.Babe[:], public(crypto.Sr25519))
	copy(k.ImOnline[:], k.Babe[:])
	copy(k.AuthorityDiscovery[:], k.Babe[:])
	copy(k.Beefy[:], public(crypto.Ecdsa))
	b.validators = append(b.validators, session.GenesisValidator{Stash: b.address("//" + name + "//stash"), Keys: k})
}
