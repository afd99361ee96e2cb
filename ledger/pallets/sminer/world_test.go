package sminer_test

import (
	"crypto/sha256"
	"fmt"
	"maps"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/cesstreasury"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/storage/segment"
)

const gib = 1 << 30

type account = substrate.AccountID

var (
	alice, bob, charlie = palletstest.Alice, palletstest.Bob, palletstest.Charlie

	api      sminer.API
	currency balances.API
	treasury cesstreasury.API

	rewardPot     = substrate.AccountOfPallet(types.RewardPot)
	punishmentPot = substrate.AccountOfPallet(types.PunishmentPot)
)

// Times of these chains, in blocks.
const (
	day     = 10
	stake   = 20 // StakingLock
	lock    = 5  // ExitLock
	cooling = 8  // CoolingPeriod
)

// tee is a worker's key, and master the key of all of them.
var (
	tee    = types.WorkerPublicKey{7}
	master = func() crypto.Pair {
		p, err := crypto.FromURI(crypto.Sr25519, "//Master")
		if err != nil {
			panic(err)
		}
		return p
	}()
)

func masterSignature(digest [32]byte) types.SignatureBytes {
	sig, err := master.Sign(digest[:])
	if err != nil {
		panic(err)
	}
	return sig
}

// world is a chain with miners.
type world struct {
	*palletstest.Chain
	t      palletstest.TB
	miners []account
}

// newWorld makes a chain with n miners in service, with 10 GiB of idle space
// and one TiB declared each.
func newWorld(t palletstest.TB, n int, constants map[string]any) *world {
	t.Helper()
	w := &world{t: t}
	all := map[string]any{
		"Sminer.OneDayBlock": day, "Sminer.StakingLockBlock": stake,
		"Sminer.ExitLock": lock, "Sminer.CoolingPeriod": cooling,
	}
	maps.Copy(all, constants)
	g := palletstest.Genesis{Constants: all}
	for i := range n {
		name := fmt.Sprintf("miner %d", i)
		g.Miners = append(g.Miners, palletstest.Miner(name, 10*gib))
		w.miners = append(w.miners, palletstest.Account(name))
	}
	w.Chain = palletstest.New(t, g)
	w.do(func(ctx *runtime.Context) error {
		staking.ForceEra.Put(ctx, staking.ForceNone) // the test says when an era ends
		key := teeworker.MasterKeyInfo{PublicKey: teeworker.MasterPublicKey(master.Public()), Holder: tee}
		teeworker.MasterKeyStatus.Put(ctx, teeworker.Launched{Key: key})
		return nil
	})
	return w
}

func (w *world) miner(who account) sminer.Miner {
	w.t.Helper()
	m, ok := sminer.Miners.Get(w.Ctx(), who)
	if !ok {
		w.t.Fatalf("no miner %v", who)
	}
	return m
}

func (w *world) state(who account) string { return string(w.miner(who).State) }

func (w *world) reward(who account) sminer.Reward {
	r, _ := sminer.Rewards.Get(w.Ctx(), who)
	return r
}

func (w *world) free(who account) types.Balance     { return currency.Free(w.Ctx(), who) }
func (w *world) reserved(who account) types.Balance { return currency.Reserved(w.Ctx(), who) }

// do uses what only other pallets can.
func (w *world) do(fn func(ctx *runtime.Context) error) {
	w.t.Helper()
	if err := w.Do(fn); err != nil {
		w.t.Fatal(err)
	}
}

// edit changes a miner's record behind the pallet's back.
func (w *world) edit(who account, fn func(m *sminer.Miner)) {
	w.t.Helper()
	w.do(func(ctx *runtime.Context) error {
		return sminer.Miners.Mutate(ctx, who, sminer.ErrNotMiner, func(m *sminer.Miner) error {
			fn(m)
			return nil
		})
	})
}

// payout ends an era as staking does: mints to the pot and hands over.
func (w *world) payout(era uint32, x types.Balance) {
	w.t.Helper()
	w.do(func(ctx *runtime.Context) error {
		staking.CurrentEra.Put(ctx, era)
		if err := currency.Mint(ctx, rewardPot, x); err != nil {
			return err
		}
		return treasury.OnEraPayout(ctx, x)
	})
}

// era moves on to an era without payout.
func (w *world) era(era uint32) {
	w.t.Helper()
	w.do(func(ctx *runtime.Context) error {
		staking.CurrentEra.Put(ctx, era)
		return nil
	})
}

// pass completes a challenge of the miner's.
func (w *world) pass(who account, idle, service uint64) {
	w.t.Helper()
	w.do(func(ctx *runtime.Context) error {
		return api.RecordSnapshot(ctx, who, scale.U128From64(idle), scale.U128From64(service))
	})
}

// sound checks all that must hold between two blocks.
func (w *world) sound() {
	w.t.Helper()
	if err := sminer.Invariant(w.Ctx()); err != nil {
		w.t.Fatalf("block %d: %v", w.Number(), err)
	}
	if err := cesstreasury.Invariant(w.Ctx(), sminer.Owed(w.Ctx())); err != nil {
		w.t.Fatalf("block %d: %v", w.Number(), err)
	}
}

// newcomer registers an account as miner of one TiB, without PoIS key.
func (w *world) newcomer(who account) {
	w.t.Helper()
	w.Must(who, sminer.Regnstk{
		Beneficiary: who, Endpoint: types.Endpoint("127.0.0.1:15001"),
		Staking: types.Tokens(4000), TiBCount: 1,
	})
}

// key is a made-up PoIS key.
func key(seed byte) (k types.PoISKey) {
	k.G[255], k.N[0], k.N[255] = seed, 0x80, seed|1
	return k
}

// join registers an account as miner and puts it into service.
func (w *world) join(who account, seed byte) {
	w.t.Helper()
	w.newcomer(who)
	w.Must(who, registration(who, seed))
}

// registration is a call that the TEE of these chains signed.
func registration(who account, seed byte) sminer.RegisterPoISKey {
	info := types.SpaceProofInfo{Miner: who, PoISKey: key(seed), Accumulator: key(seed).G}
	return sminer.RegisterPoISKey{
		PoISKey: info.PoISKey, TEEPuk: tee,
		TEESigNeedVerify: masterSignature(sminer.PoISText(info, tee)), TEESig: make([]byte, 64),
	}
}

// territory of Alice's where files go.
var territory = types.TerritoryName("files")

func hashOf(format string, args ...any) types.Hash {
	return types.HashOf(sha256.Sum256(fmt.Appendf(nil, format, args...)))
}

// file makes up a declaration of a file of n segments.
func file(name string, n int) filebank.UploadDeclaration {
	c := filebank.UploadDeclaration{
		FileSize: scale.U128From64(uint64(n) * types.SegmentSize),
		UserBrief: filebank.UserBrief{
			User: alice, FileName: filebank.FileName("name"), TerritoryName: territory,
		},
	}
	var digests []segment.Hash
	for i := range n {
		s := filebank.SegmentList{Hash: hashOf("%s segment %d", name, i)}
		for j := range types.FragmentCount {
			s.FragmentList = append(s.FragmentList, hashOf("%s fragment %d of %d", name, j, i))
		}
		digest, err := s.Hash.Digest()
		if err != nil {
			panic(err)
		}
		digests = append(digests, digest)
		c.DealInfo = append(c.DealInfo, s)
	}
	c.FileHash = types.HashOf(segment.FID(digests))
	return c
}

// lease gives Alice a territory for files.
func (w *world) lease() {
	w.t.Helper()
	w.Must(alice, storagehandler.MintTerritory{GiBCount: 20, TerritoryName: territory, Days: 1000})
}

// report makes miners [from, to) report their columns of a deal.
func (w *world) report(deal types.Hash, from, to int) {
	w.t.Helper()
	for i := from; i < to; i++ {
		w.Must(w.miners[i], filebank.TransferReport{Index: uint8(i + 1), DealHash: deal})
	}
}
