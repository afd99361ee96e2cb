package sim

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/gocess/gocess/ledger/pallets/collective"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	scheme "github.com/gocess/gocess/storage/podr2"
)

type account = substrate.AccountID

var (
	stash, secondStash = palletstest.Author, palletstest.Dave

	fullTEE     = types.WorkerPublicKey(palletstest.Account("full tee"))
	secondTEE   = types.WorkerPublicKey(palletstest.Account("second tee"))
	markerTEE   = types.WorkerPublicKey(palletstest.Account("marker tee"))
	verifierTEE = types.WorkerPublicKey(palletstest.Account("verifier tee"))
	strangerTEE = types.WorkerPublicKey(palletstest.Account("stranger"))
)

// Sizes of the world.
const (
	genesisMiners = 16
	newMiners     = 30
	poolFiles     = 36
	fewFiles      = 8
	idleFile      = types.FragmentSize
	callsPerBlock = 5
	traceLength   = 24
	rootEvery     = 60 // blocks between two state roots
	progressEvery = 10 * time.Second
)

// tally counts what happened.
type tally struct {
	calls, valid, refused, garbage, excluded int
	blocks, checks, states                   int            // states are those of which the root was computed
	done, failed, reasons                    map[string]int // by call; reasons by call and error
}

func newTally() tally {
	return tally{done: map[string]int{}, failed: map[string]int{}, reasons: map[string]int{}}
}

// sim is a chain, its actors, and what they did.
type sim struct {
	*palletstest.Chain
	t      *failer
	rng    *rand.Rand
	master crypto.Pair
	tagger *scheme.PublicKey

	users, gateways, miners []account
	names                   []types.TerritoryName
	pool                    []data

	tally
	last       []string
	issuance   scale.U128
	books      *books
	roots      [][32]byte
	signatures signatures
	ethereum   *crypto.EcdsaPair // an Ethereum key with money
	pures      []pure
	every      int       // blocks between two checks
	reported   time.Time // when progress was logged last
	callsThen  int
}

func newSim(f *failer, seed uint64, cache int64, made signatures) *sim {
	f.Helper()
	master, err := crypto.FromURI(crypto.Sr25519, "//master")
	if err != nil {
		f.Fatal(err)
	}
	secret, err := scheme.NewSecretKey([32]byte{1})
	if err != nil {
		f.Fatal(err)
	}
	s := &sim{
		t: f, signatures: made, rng: rand.New(rand.NewPCG(seed, 0x6365737300000000)), master: master, tagger: secret.Public(),
		users:    []account{palletstest.Alice, palletstest.Bob, palletstest.Charlie},
		gateways: []account{palletstest.Eve, palletstest.Account("gateway")},
		tally:    newTally(), every: 2, reported: time.Now(),
	}
	if n := os.Getenv("CESS_SIM_EVERY"); n != "" {
		fmt.Sscan(n, &s.every)
	}
	for _, n := range []string{"a", "b", "c"} {
		s.names = append(s.names, types.TerritoryName(n))
	}
	for i := range poolFiles {
		s.pool = append(s.pool, newData(i, 1+i%3))
	}
	seed32 := crypto.Keccak256([]byte("an Ethereum key"))
	key, err := crypto.FromSeed(crypto.Ecdsa, seed32[:])
	if err != nil {
		f.Fatal(err)
	}
	s.ethereum = key.(*crypto.EcdsaPair)
	s.Chain = palletstest.New(f, s.genesis())
	store, err := state.Open("", state.WithFS(vfs.NewMem()), state.WithCacheSize(cache), state.WithRetention(4))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { store.Close() })
	s.books = &books{store: store}
	s.issuance = issued(s.Ctx())
	if err := s.Do(func(ctx *runtime.Context) error {
		for i, who := range s.miners[:genesisMiners] {
			if i%2 == 0 {
				podr2.Versions.Put(ctx, who, podr2.Version2)
			}
			err := sminer.Miners.Mutate(ctx, who, sminer.ErrNotMiner, func(m *sminer.Miner) error {
				files, _ := m.IdleSpace.Div64(idleFile).Uint64()
				key := poisKey(who)
				m.SpaceProofInfo = scale.Some(types.SpaceProofInfo{Miner: who, Rear: files, PoISKey: key, Accumulator: key.G})
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		f.Fatal(err)
	}
	return s
}

func (s *sim) genesis() palletstest.Genesis {
	first, second := types.Address(stash), types.Address(secondStash)
	g := palletstest.Genesis{
		Constants: map[string]any{
			"Audit.FirstChallenge": 1, "Audit.ChallengePeriod": 8, "Audit.ProveTime": 8, "Audit.VerifyTime": 12,
			"Audit.IdleProveRate": uint64(1) << 60, "Audit.ServiceProveRate": uint64(1) << 60, "Audit.VerifyRate": uint64(1) << 60,
			"Audit.MissLimit": 8, "Audit.VerifyExtensions": 1,
			"Podr2.DisputePeriod": 6, "Podr2.ReleaseLimit": 20,
			"Babe.EpochDuration": 20, "Staking.SessionsPerEra": 3, "Staking.BondingDuration": 2, "Staking.SlashDeferDuration": 1,
			"SchedulerCredit.PeriodDuration": 50,
			"FileBank.DealLife":              40, "FileBank.ClearLimit": 3, "FileBank.RestoralOrderLife": 12,
			"StorageHandler.OneDay": 6, "StorageHandler.FrozenDays": 20, "StorageHandler.LockingBlock": 4,
			"StorageHandler.OneHours": 2, "StorageHandler.ConsignmentRemainingBlock": 10,
			"Sminer.OneDayBlock": 10, "Sminer.StakingLockBlock": 40, "Sminer.ExitLock": 6, "Sminer.CoolingPeriod": 10,
			"Sminer.IdleFileSize":    uint64(idleFile),
			"Council.MotionDuration": 20, "TechnicalCommittee.MotionDuration": 20,
			"Treasury.SpendPeriod": 25, "Treasury.PayoutPeriod": 60,
		},
		Balances: map[account]types.Balance{},
		Pallets: map[string]any{"Staking": staking.Genesis{
			MinValidatorBond: types.Tokens(1000),
			Stakers: []staking.GenesisStaker{
				{Stash: first, Bond: types.Tokens(3_000_000)}, {Stash: second, Bond: types.Tokens(100_000)},
			},
		}, "TeeWorker": teeworker.Genesis{
			Workers: []teeworker.GenesisWorker{
				{PublicKey: substrate.H256(fullTEE), Stash: &first},
				{PublicKey: substrate.H256(secondTEE), Stash: &second},
				{PublicKey: substrate.H256(markerTEE), Role: "marker"},
				{PublicKey: substrate.H256(verifierTEE), Stash: &first, Role: "verifier"},
			},
			MasterKey: &teeworker.GenesisMasterKey{PublicKey: substrate.H256(s.master.Public()), Holder: substrate.H256(fullTEE)},
		}},
	}
	for i := range genesisMiners {
		m := palletstest.Miner(fmt.Sprint("miner ", i), 64*types.GiB)
		g.Miners = append(g.Miners, m)
		s.miners = append(s.miners, account(m.Account))
	}
	for i := range newMiners {
		who := palletstest.Account(fmt.Sprint("newcomer ", i))
		s.miners = append(s.miners, who)
		g.Balances[who] = types.Tokens(1_000_000_000)
	}
	g.Balances[s.gateways[1]] = types.Tokens(1_000_000)
	g.Balances[account(s.ethereum.AccountID())] = types.Tokens(1_000_000)
	members := collective.Genesis{}
	for _, who := range s.users {
		members.Members = append(members.Members, types.Address(who))
	}
	g.Pallets["Council"], g.Pallets["TechnicalCommittee"] = members, members
	return g
}

// invalid are the calls that changed nothing but fees.
func (s *tally) invalid() int { return s.refused + s.garbage + s.excluded }

// step makes one block, of calls or of what only the government may do, and
// now and then lets time pass.
func (s *sim) step() {
	if s.chance(30) {
		call, ok := s.rootCall()
		if !ok {
			return
		}
		what := name(call)
		s.note("root", what)
		s.count(what, s.Root(call))
		s.after()
		return
	}
	if s.chance(30) {
		s.bare()
		return
	}
	var txs []palletstest.Tx
	for range 1 + s.rng.IntN(2*callsPerBlock) {
		tx, ok := s.draw()
		if !ok {
			continue
		}
		if s.chance(4) {
			if tx, ok = s.spoil(tx); !ok {
				s.calls++
				s.garbage++
				continue
			}
		}
		s.note(s.who(tx.Signer), name(tx.Call))
		txs = append(txs, tx)
	}
	for i, err := range s.Block(txs...) {
		s.count(name(txs[i].Call), err)
	}
	s.after()
	if s.chance(14) {
		for range 1 + s.rng.IntN(4) {
			s.NextBlocks(1)
			s.after()
		}
	}
}

func (s *sim) count(what string, err error) {
	s.calls++
	switch {
	case err == nil:
		s.valid++
		s.done[what]++
	case runtime.IsValidityError(err):
		s.excluded++
	default:
		s.refused++
		s.failed[what]++
		s.reasons[what+": "+err.Error()]++
	}
}

// after follows every block.
func (s *sim) after() {
	s.blocks++
	s.money()
	s.learn()
	if s.blocks%s.every == 0 {
		s.check()
	}
	if s.blocks%rootEvery == 0 {
		s.root()
	}
	if time.Since(s.reported) >= progressEvery {
		s.progress()
	}
}

// progress logs where the run is, how fast it goes, and how large the state is:
// a world that grows slows down.
func (s *sim) progress() {
	rate := float64(s.calls-s.callsThen) / time.Since(s.reported).Seconds()
	s.t.Logf("%d calls, %.0f /s, block %d, %d checks; %s", s.calls, rate, s.Number(), s.checks, s.state())
	s.reported, s.callsThen = time.Now(), s.calls
}

func (s *sim) note(who, what string) {
	s.last = append(s.last, fmt.Sprintf("  block %d: %s %s", s.Number()+1, who, what))
	if len(s.last) > 2*traceLength {
		s.last = slices.Delete(s.last, 0, traceLength)
	}
}

func (s *sim) trace() string { return strings.Join(s.last[max(0, len(s.last)-traceLength):], "\n") }

func (s *sim) who(a account) string {
	for i, m := range s.miners {
		if m == a {
			return fmt.Sprint("miner ", i)
		}
	}
	for i, u := range s.users {
		if u == a {
			return fmt.Sprint("user ", i)
		}
	}
	return fmt.Sprintf("account %x", a[:4])
}

func name(c runtime.Call) string { return runtime.RuntimeCall{Call: c}.Name() }

func stack() []byte { return debug.Stack() }

// chance is true once in n times.
func (s *sim) chance(n int) bool { return s.rng.IntN(n) == 0 }

func pick[T any](s *sim, list []T) T { return list[s.rng.IntN(len(list))] }

// merge adds what another world saw.
func (t *tally) merge(o tally) {
	t.calls, t.valid, t.refused = t.calls+o.calls, t.valid+o.valid, t.refused+o.refused
	t.garbage, t.excluded = t.garbage+o.garbage, t.excluded+o.excluded
	t.blocks, t.checks, t.states = t.blocks+o.blocks, t.checks+o.checks, t.states+o.states
	for _, m := range []struct{ to, from map[string]int }{{t.done, o.done}, {t.failed, o.failed}, {t.reasons, o.reasons}} {
		for what, n := range m.from {
			m.to[what] += n
		}
	}
}

// report is the mix of calls.
func (s *tally) report() string {
	var b strings.Builder
	share := func(n int) float64 { return 100 * float64(n) / float64(max(s.calls, 1)) }
	fmt.Fprintf(&b, "%d calls in %d blocks, %d checks, %d state roots: %.1f %% valid, %.1f %% refused by a pallet, %.1f %% undecodable, %.1f %% not included\n",
		s.calls, s.blocks, s.checks, s.states, share(s.valid), share(s.refused), share(s.garbage), share(s.excluded))
	all := map[string]bool{}
	for what := range s.done {
		all[what] = true
	}
	for what := range s.failed {
		all[what] = true
	}
	for _, what := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "  %-45s %7d valid %7d refused\n", what, s.done[what], s.failed[what])
	}
	if os.Getenv("CESS_SIM_REASONS") != "" {
		for _, why := range slices.Sorted(maps.Keys(s.reasons)) {
			fmt.Fprintf(&b, "  %6d refused %s\n", s.reasons[why], why)
		}
	}
	return b.String()
}

// state says what there is in the world.
func (s *sim) state() string {
	ctx := s.Ctx()
	files, keys, size := 0, 0, 0
	for range filebank.Files.Iter(ctx) {
		files++
	}
	ctx.Scan(nil, nil, func(key, value []byte) bool {
		keys, size = keys+1, size+len(key)+len(value)
		return true
	})
	return fmt.Sprintf("%d files, %d miners in service, era %d, purchased %v bytes; state of %d keys and %d KiB",
		files, len(sminer.AllMiners.Get(ctx)), staking.API{}.CurrentEra(ctx), storagehandler.PurchasedSpace.Get(ctx), keys, size>>10)
}
