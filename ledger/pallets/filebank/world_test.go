package filebank_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/storage/segment"
)

type (
	account   = substrate.AccountID
	hash      = types.Hash
	territory = filebank.ExpiredTerritory
)

var (
	alice, bob, charlie, dave = palletstest.Alice, palletstest.Bob, palletstest.Charlie, palletstest.Dave
)

// A day of these chains is one block: a territory freezes 30 blocks after it
// was minted and expires frozenBlocks later.
const (
	leaseBlocks  = 30
	frozenBlocks = 10
)

// world is a chain with miners.
type world struct {
	*palletstest.Chain
	t      palletstest.TB
	miners []account
}

// newWorld makes a chain with 15 miners of 64 GiB. constants come on top of
// the short days.
func newWorld(t palletstest.TB, constants map[string]any) *world {
	t.Helper()
	w := &world{t: t}
	all := map[string]any{"StorageHandler.OneDay": 1, "StorageHandler.FrozenDays": frozenBlocks}
	maps.Copy(all, constants)
	g := palletstest.Genesis{Constants: all}
	for i := range 15 {
		name := fmt.Sprintf("miner %d", i)
		g.Miners = append(g.Miners, palletstest.Miner(name, 64*types.GiB))
		w.miners = append(w.miners, palletstest.Account(name))
	}
	w.Chain = palletstest.New(t, g)
	w.do(func(ctx *runtime.Context) {
		launch(ctx)
		for _, who := range w.miners {
			certify(ctx, who)
		}
	})
	return w
}

func terr(name string) types.TerritoryName { return types.TerritoryName(name) }

func (w *world) mint(owner account, name string, gib uint32) {
	w.t.Helper()
	w.Must(owner, storagehandler.MintTerritory{GiBCount: gib, TerritoryName: terr(name), Days: leaseBlocks})
}

func (w *world) territory(owner account, name string) storagehandler.Territory {
	w.t.Helper()
	t, ok := storagehandler.Territories.Get(w.Ctx(), owner, terr(name))
	if !ok {
		w.t.Fatalf("no territory %s", name)
	}
	return t
}

// data is a file as its owner sees it.
type data struct {
	fid      hash
	segments []filebank.SegmentList
	size     scale.U128
}

func hashOf(format string, args ...any) hash {
	return types.HashOf(sha256.Sum256(fmt.Appendf(nil, format, args...)))
}

// newData makes up a file of n segments.
func newData(name string, n int) data {
	d := data{size: scale.U128From64(uint64(n)*types.SegmentSize - 5)}
	for i := range n {
		s := filebank.SegmentList{Hash: hashOf("%s segment %d", name, i)}
		for j := range types.FragmentCount {
			s.FragmentList = append(s.FragmentList, hashOf("%s fragment %d of %d", name, j, i))
		}
		d.segments = append(d.segments, s)
	}
	d.name()
	return d
}

// name gives the data the fid that follows from its segments.
func (d *data) name() {
	var digests []segment.Hash
	for _, s := range d.segments {
		digest, err := s.Hash.Digest()
		if err != nil {
			panic(err)
		}
		digests = append(digests, digest)
	}
	d.fid = types.HashOf(segment.FID(digests))
}

func (d data) footprint() scale.U128 { return types.Footprint(len(d.segments)) }

func (d data) column() scale.U128 {
	return scale.U128From64(uint64(len(d.segments)) * types.FragmentSize)
}

func (d data) declaration(owner account, territory string) filebank.UploadDeclaration {
	return filebank.UploadDeclaration{
		FileHash: d.fid, DealInfo: d.segments, FileSize: d.size,
		UserBrief: filebank.UserBrief{User: owner, FileName: filebank.FileName("name"), TerritoryName: terr(territory)},
	}
}

func (w *world) declare(owner account, territory string, d data) {
	w.t.Helper()
	w.Must(owner, d.declaration(owner, territory))
}

// report makes miners[i] report column i+1 for all i in [from, to).
func (w *world) report(d data, from, to int) {
	w.t.Helper()
	var txs []palletstest.Tx
	for i := from; i < to; i++ {
		txs = append(txs, palletstest.Tx{Signer: w.miners[i], Call: filebank.TransferReport{Index: uint8(i + 1), DealHash: d.fid}})
	}
	for i, err := range w.Block(txs...) {
		if err != nil {
			w.t.Fatalf("report of column %d: %v", from+i+1, err)
		}
	}
}

// store declares a file and completes the deal.
func (w *world) store(owner account, territory string, d data) {
	w.t.Helper()
	w.declare(owner, territory, d)
	w.report(d, 0, types.FragmentCount)
	if !filebank.Files.Contains(w.Ctx(), d.fid) {
		w.t.Fatal("twelve reports did not complete the deal")
	}
}

func (w *world) deal(d data) filebank.Deal {
	w.t.Helper()
	deal, ok := filebank.Deals.Get(w.Ctx(), d.fid)
	if !ok {
		w.t.Fatal("no such deal")
	}
	return deal
}

func (w *world) file(d data) filebank.File {
	w.t.Helper()
	f, ok := filebank.Files.Get(w.Ctx(), d.fid)
	if !ok {
		w.t.Fatal("no such file")
	}
	return f
}

func (w *world) miner(i int) sminer.Miner {
	w.t.Helper()
	m, ok := sminer.Miners.Get(w.Ctx(), w.miners[i])
	if !ok {
		w.t.Fatalf("no miner %d", i)
	}
	return m
}

// do changes state behind the pallets' backs.
func (w *world) do(fn func(ctx *runtime.Context)) {
	w.t.Helper()
	err := w.Do(func(ctx *runtime.Context) error {
		fn(ctx)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) setState(i int, state string) {
	w.t.Helper()
	w.do(func(ctx *runtime.Context) { setState(ctx, w.miners[i], state) })
}

func setState(ctx *runtime.Context, who account, state string) {
	m, _ := sminer.Miners.Get(ctx, who)
	m.State = sminer.State(state)
	sminer.Miners.Put(ctx, who, m)
}

// forceExit is what Audit does with a miner that never answers.
func forceExit(ctx *runtime.Context, who account) error { return sminer.API{}.ForceExit(ctx, who) }

// tag makes a miner report the tags of all that it stores of a file.
func tag(ctx *runtime.Context, who account, fid hash) error {
	return ctx.Dispatch(tagReport(ctx, who, fid, fullTEE), runtime.SignedOrigin(who))
}

// refill certifies again what a miner has less than at the start.
func refill(ctx *runtime.Context, who account) {
	m, _ := sminer.Miners.Get(ctx, who)
	lost := scale.U128From64(64 * types.GiB).SaturatingSub(m.IdleSpace)
	if err := (storagehandler.API{}).AddIdleSpace(ctx, lost); err == nil {
		m.IdleSpace = m.IdleSpace.SaturatingAdd(lost)
		sminer.Miners.Put(ctx, who, m)
	}
}

// expireNow ends a lease and queues the territory.
func expireNow(ctx *runtime.Context, owner account, name types.TerritoryName) {
	t, _ := storagehandler.Territories.Get(ctx, owner, name)
	t.State = storagehandler.TerritoryExpired
	storagehandler.Territories.Put(ctx, owner, name, t)
	filebank.ClearUserList.Put(ctx, []filebank.ExpiredTerritory{{Owner: owner, Name: name}})
}

// wants runs a call and compares its error.
func (w *world) wants(want error, signer account, call runtime.Call) {
	w.t.Helper()
	if got := w.Run(signer, call); !errors.Is(got, want) || (want == nil && got != nil) {
		w.t.Fatalf("%s: got %v, want %v", runtime.RuntimeCall{Call: call}.Name(), got, want)
	}
}

// expire lets the territories that were minted last expire.
func (w *world) expire(owner account, name string) {
	w.t.Helper()
	w.GoTo(w.territory(owner, name).Deadline + frozenBlocks)
}

func (w *world) authorize(owner, operator account) {
	w.t.Helper()
	w.Must(owner, oss.Authorize{Operator: operator})
}

func sameTerritory(a, b territory) bool { return a.Owner == b.Owner && bytes.Equal(a.Name, b.Name) }

func mustEqual[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s is %v, want %v", what, got, want)
	}
}
