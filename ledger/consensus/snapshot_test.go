package consensus

import (
	"bytes"
	"slices"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	sm "github.com/cometbft/cometbft/state"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// source is a chain of which a snapshot was made.
type source struct {
	*driver
	record []byte
	block  *chain.Block
	offer  *abci.Snapshot
	chunks [][]byte
}

const snapshotAt = 6

// newSource makes a chain with transfers, a snapshot at block snapshotAt and a
// few blocks after it.
func newSource(t *testing.T) *source {
	t.Helper()
	nw := newNetwork(t, 2, 20)
	s := &source{driver: newDriver(t, nw)}
	app := s.apps[0]
	app.snapshots.cfg.Interval, app.snapshots.size = snapshotAt, 1500
	genesis := app.chain.Genesis()
	for n := range snapshotAt + 4 {
		if n > 0 {
			submitAll(t, s.nodes[0], nw.signedTransfers(t, genesis, 20, uint32(n-1)))
		}
		b := s.driver.block(0)
		if b.Number == snapshotAt {
			app.snapshots.working.Wait()
			var err error
			s.block = b
			if s.record, err = app.chain.Aux(recordKey); err != nil {
				t.Fatal(err)
			}
		}
	}
	list, err := app.ListSnapshots(t.Context(), &abci.RequestListSnapshots{})
	if err != nil || len(list.Snapshots) != 1 || list.Snapshots[0].Height != snapshotAt {
		t.Fatalf("snapshots %v, %v", list, err)
	}
	s.offer = list.Snapshots[0]
	for i := range s.offer.Chunks {
		s.chunks = append(s.chunks, loadChunk(t, app, i))
	}
	if len(s.chunks) < 5 || loadChunk(t, app, s.offer.Chunks) != nil {
		t.Fatalf("%d chunks", len(s.chunks))
	}
	return s
}

func loadChunk(t *testing.T, a *app, index uint32) []byte {
	t.Helper()
	c, err := a.LoadSnapshotChunk(t.Context(), &abci.RequestLoadSnapshotChunk{Height: snapshotAt, Format: snapshotFormat, Chunk: index})
	if err != nil {
		t.Fatal(err)
	}
	return c.Chunk
}

// joiner makes a new node whose light client knows the headers of the chain.
func (s *source) joiner(t *testing.T) *app {
	t.Helper()
	a := s.open(-1).app
	txs := len(s.decided[snapshotAt-1].Txs)
	hash := sm.TxResultsHash(results(commitment(s.block.Hash, s.record), txs))
	a.trust = func(height uint64) ([]byte, bool) { return hash, height == snapshotAt }
	return a
}

func (s *source) offerTo(t *testing.T, a *app, o *abci.Snapshot) abci.ResponseOfferSnapshot_Result {
	t.Helper()
	res, err := a.OfferSnapshot(t.Context(), &abci.RequestOfferSnapshot{Snapshot: o, AppHash: s.block.Header.StateRoot[:]})
	if err != nil {
		t.Fatal(err)
	}
	return res.Result
}

func applyChunk(t *testing.T, a *app, index int, chunk []byte) *abci.ResponseApplySnapshotChunk {
	t.Helper()
	res, err := a.ApplySnapshotChunk(t.Context(), &abci.RequestApplySnapshotChunk{Index: uint32(index), Chunk: chunk, Sender: "peer"})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// join starts a from the genuine snapshot.
func (s *source) join(t *testing.T, a *app) {
	t.Helper()
	if got := s.offerTo(t, a, s.offer); got != abci.ResponseOfferSnapshot_ACCEPT {
		t.Fatalf("the snapshot is answered with %v", got)
	}
	for i, c := range s.chunks {
		if res := applyChunk(t, a, i, c); res.Result != abci.ResponseApplySnapshotChunk_ACCEPT {
			t.Fatalf("chunk %d: %v", i, res)
		}
	}
}

// A node that starts from a snapshot has the state of its source, the last
// headers, and goes on with the same blocks.
func TestStartFromSnapshot(t *testing.T) {
	s := newSource(t)
	a := s.joiner(t)
	s.join(t, a)
	if a.chain.Best() != s.block.Ref || a.chain.First() != snapshotAt {
		t.Fatalf("joined at %+v, first %d", a.chain.Best(), a.chain.First())
	}
	if err := a.store.Verify(t.Context(), snapshotAt); err != nil {
		t.Fatal(err)
	}
	for _, req := range s.decided[snapshotAt:] {
		if err := finalize(t, a, req); err != nil {
			t.Fatal(err)
		}
	}
	sameChains(t, s.apps[0], a, snapshotAt)
	for number := range uint32(snapshotAt) {
		want, err := s.apps[0].chain.HashAt(number)
		if got, gotErr := a.chain.HashAt(number); err != nil || gotErr != nil || got != want {
			t.Errorf("hash of block %d: %x, %v; want %x", number, got, gotErr, want)
		}
	}
}

// sameChains compares everything that can be asked about two nodes' blocks from
// the given one on.
func sameChains(t *testing.T, a, b *app, from uint32) {
	t.Helper()
	if a.chain.Best() != b.chain.Best() {
		t.Fatalf("best %+v and %+v", a.chain.Best(), b.chain.Best())
	}
	for number := from; number <= a.chain.Best().Number; number++ {
		x, err := a.chain.Block(number)
		if err != nil {
			t.Fatal(err)
		}
		y, err := b.chain.Block(number)
		if err != nil {
			t.Fatal(err)
		}
		if x.Hash != y.Hash || !slices.EqualFunc(x.Body, y.Body, bytes.Equal) {
			t.Fatalf("block %d differs", number)
		}
		if got, want := contents(t, b, number), contents(t, a, number); !bytes.Equal(got, want) {
			t.Fatalf("state of block %d differs", number)
		}
	}
}

func contents(t *testing.T, a *app, number uint32) []byte {
	t.Helper()
	v, err := a.store.At(uint64(number))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	var out bytes.Buffer
	if _, err := out.ReadFrom(v.Stream(state.Mark{})); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A chunk that is not what the manifest says is fetched from somebody else.
func TestBadChunkIsFetchedAgain(t *testing.T) {
	s := newSource(t)
	a := s.joiner(t)
	s.offerTo(t, a, s.offer)
	for i, c := range s.chunks {
		bad := bytes.Clone(c)
		bad[len(bad)/2] ^= 1
		for _, wrong := range [][]byte{bad, nil, c[:len(c)-1], append(bytes.Clone(c), 0)} {
			res := applyChunk(t, a, i, wrong)
			if res.Result != abci.ResponseApplySnapshotChunk_RETRY || !slices.Equal(res.RefetchChunks, []uint32{uint32(i)}) ||
				!slices.Equal(res.RejectSenders, []string{"peer"}) {
				t.Fatalf("bad chunk %d: %+v", i, res)
			}
		}
		if res := applyChunk(t, a, i, c); res.Result != abci.ResponseApplySnapshotChunk_ACCEPT {
			t.Fatalf("good chunk %d: %v", i, res)
		}
	}
	if a.chain.Best() != s.block.Ref {
		t.Fatalf("best %+v", a.chain.Best())
	}
}

// A snapshot whose manifest fits its chunks, but not the chain, is rejected, and
// the node can start from a genuine one afterwards.
func TestForgedSnapshots(t *testing.T) {
	s := newSource(t)
	whole := bytes.Join(s.chunks, nil)
	for name, forge := range map[string]func(*anchor, []byte) []byte{
		"another value":    func(_ *anchor, b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"a pair too few":   func(_ *anchor, b []byte) []byte { return append(b[:0:0], b[pairLength(b):]...) },
		"cut":              func(_ *anchor, b []byte) []byte { return b[:len(b)-1] },
		"no state":         func(*anchor, []byte) []byte { return nil },
		"more":             func(_ *anchor, b []byte) []byte { return append(b, 1, 0xff, 0) },
		"another body":     func(a *anchor, b []byte) []byte { a.Body = a.Body[:1]; return b },
		"another record":   func(a *anchor, b []byte) []byte { a.Record[0] ^= 1; return b },
		"no record":        func(a *anchor, b []byte) []byte { a.Record = nil; return b },
		"another header":   func(a *anchor, b []byte) []byte { a.Header.ParentHash[0] ^= 1; return b },
		"another root":     func(a *anchor, b []byte) []byte { a.Header.StateRoot[0] ^= 1; return b },
		"another height":   func(a *anchor, b []byte) []byte { a.Header.Number++; return b },
		"endless anchor":   nil,
		"forged ancestors": func(a *anchor, b []byte) []byte { a.Ancestors[0].StateRoot[0] ^= 1; return b },
	} {
		t.Run(name, func(t *testing.T) {
			a := s.joiner(t)
			var stream []byte
			if forge == nil {
				stream = append([]byte{0xff, 0xff, 0xff, 0xff}, whole...)
			} else {
				size := 4 + int(whole[0]) + int(whole[1])<<8 + int(whole[2])<<16
				an, err := decodeAnchor(whole[4:size])
				if err != nil {
					t.Fatal(err)
				}
				rest := forge(an, bytes.Clone(whole[size:]))
				prefix, err := prefixOf(an)
				if err != nil {
					t.Fatal(err)
				}
				stream = append(prefix, rest...)
			}
			offer, chunks := cut(t, stream)
			if got := s.offerTo(t, a, offer); got != abci.ResponseOfferSnapshot_ACCEPT {
				t.Fatalf("offer: %v", got)
			}
			rejected := false
			for i, c := range chunks {
				res := applyChunk(t, a, i, c)
				if rejected = res.Result == abci.ResponseApplySnapshotChunk_REJECT_SNAPSHOT; rejected {
					if !slices.Equal(res.RejectSenders, []string{"peer"}) {
						t.Error("its sender may go on")
					}
					break
				}
			}
			if !rejected || a.chain.Best().Number != 0 || a.failure.Load() != nil {
				t.Fatalf("rejected %v, best %+v", rejected, a.chain.Best())
			}
			s.join(t, a)
		})
	}
}

// pairLength is the length of the first pair of a stream whose lengths take a
// byte each.
func pairLength(b []byte) int { return 2 + int(b[0]) + int(b[1+int(b[0])]) }

// cut makes a snapshot of a stream.
func cut(t *testing.T, stream []byte) (*abci.Snapshot, [][]byte) {
	t.Helper()
	s := snapshot{Height: snapshotAt, Manifest: manifest{Version: manifestVersion}}
	chunks := slices.Collect(slices.Chunk(stream, 1500))
	for _, c := range chunks {
		s.Manifest.Chunks = append(s.Manifest.Chunks, crypto.Blake2b256(c))
	}
	o, err := s.offer()
	if err != nil {
		t.Fatal(err)
	}
	return o, chunks
}

// Offers that make no sense are refused before anything is fetched.
func TestOffers(t *testing.T) {
	s := newSource(t)
	a := s.joiner(t)
	change := func(f func(*abci.Snapshot)) *abci.Snapshot {
		o := *s.offer
		f(&o)
		return &o
	}
	rehash := func(m manifest) func(*abci.Snapshot) {
		return func(o *abci.Snapshot) {
			o.Metadata = scale.MustMarshal(m)
			hash := crypto.Blake2b256(o.Metadata)
			o.Hash = hash[:]
		}
	}
	for name, c := range map[string]struct {
		offer *abci.Snapshot
		want  abci.ResponseOfferSnapshot_Result
	}{
		"format":   {change(func(o *abci.Snapshot) { o.Format++ }), abci.ResponseOfferSnapshot_REJECT_FORMAT},
		"hash":     {change(func(o *abci.Snapshot) { o.Hash = make([]byte, 32) }), abci.ResponseOfferSnapshot_REJECT_SENDER},
		"chunks":   {change(func(o *abci.Snapshot) { o.Chunks++ }), abci.ResponseOfferSnapshot_REJECT_SENDER},
		"height":   {change(func(o *abci.Snapshot) { o.Height = 1 << 32 }), abci.ResponseOfferSnapshot_REJECT_SENDER},
		"genesis":  {change(func(o *abci.Snapshot) { o.Height = 0 }), abci.ResponseOfferSnapshot_REJECT_SENDER},
		"version":  {change(rehash(manifest{Version: 9, Chunks: make([][32]byte, s.offer.Chunks)})), abci.ResponseOfferSnapshot_REJECT_SENDER},
		"manifest": {change(rehash(manifest{Version: manifestVersion})), abci.ResponseOfferSnapshot_REJECT_SENDER},
	} {
		if got := s.offerTo(t, a, c.offer); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if got := s.offerTo(t, s.apps[1], s.offer); got != abci.ResponseOfferSnapshot_ABORT {
		t.Errorf("a node with blocks: %v", got)
	}
	s.join(t, a)
}

// The chain spec must be that of the chain.
func TestSnapshotOfAnotherGenesis(t *testing.T) {
	s := newSource(t)
	s.nw.genesis.Pallets["Babe"] = []byte(`{"genesisSlot": 5}`)
	a := s.joiner(t)
	s.offerTo(t, a, s.offer)
	var err error
	for i, c := range s.chunks {
		if _, err = a.ApplySnapshotChunk(t.Context(), &abci.RequestApplySnapshotChunk{Index: uint32(i), Chunk: c}); err != nil {
			break
		}
	}
	if err == nil || a.chain.Best().Number != 0 || a.failure.Load() == nil {
		t.Fatalf("joined with another genesis: %v", err)
	}
}

// Snapshots survive a restart; only the newest are kept.
func TestSnapshotsAreKept(t *testing.T) {
	nw := newNetwork(t, 1, 1)
	d := newDriver(t, nw)
	app := d.apps[0]
	app.snapshots.cfg.Interval = 3
	for range 12 {
		d.block(0)
		app.snapshots.working.Wait()
	}
	for range 2 {
		list, err := app.snapshots.offers()
		if err != nil || len(list) != 2 || list[0].Height != 9 || list[1].Height != 12 {
			t.Fatalf("snapshots %v, %v", list, err)
		}
		again, err := newSnapshots(app.snapshots.cfg, app.snapshots.dir, app.store, app.chain, app.log)
		if err != nil {
			t.Fatal(err)
		}
		app.snapshots.close()
		app.snapshots = again
	}
}

// The anchor's parts that nothing else proves are part of what validators agree
// on.
func TestResultsCommitToTheRecord(t *testing.T) {
	d := newDriver(t, newNetwork(t, 2, 1))
	d.block(0)
	txs := d.propose(1)
	a := d.address(1)
	req := &abci.RequestFinalizeBlock{
		Txs: txs, DecidedLastCommit: d.commitInfo(), Height: d.height(), Time: d.time, ProposerAddress: a[:],
	}
	res, err := d.apps[0].FinalizeBlock(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	c := d.apps[0].decided
	record, err := c.record.encode()
	if err != nil {
		t.Fatal(err)
	}
	want := commitment(c.block.Hash, record)
	if !bytes.Equal(res.TxResults[0].Data, want[:]) {
		t.Errorf("the first result is %x, want %x", res.TxResults[0].Data, want)
	}
}

func FuzzAnchor(f *testing.F) {
	a := anchor{Header: substrate.Header{Number: 3}, Body: [][]byte{{8, 4, 0}}, Record: scale.MustMarshal(record{})}
	f.Add(scale.MustMarshal(a))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := decodeAnchor(b)
		if err != nil {
			return
		}
		if again, err := scale.Marshal(*a); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%x decodes to what encodes as %x, %v", b, again, err)
		}
		_, _ = a.check()
		if a.confirm(trust{appHash: a.Header.StateRoot[:], resultsHash: make([]byte, 32)}) == nil {
			t.Fatal("confirmed by nothing")
		}
	})
}

func FuzzSnapshotOffer(f *testing.F) {
	f.Add(scale.MustMarshal(manifest{Version: 1, Chunks: make([][32]byte, 2)}), uint32(2))
	f.Fuzz(func(t *testing.T, metadata []byte, chunks uint32) {
		hash := crypto.Blake2b256(metadata)
		m, err := readOffer(&abci.Snapshot{Height: 5, Chunks: chunks, Hash: hash[:], Metadata: metadata})
		if err == nil && uint32(len(m.Chunks)) != chunks {
			t.Fatalf("%d chunks in the manifest, %d offered", len(m.Chunks), chunks)
		}
		_, _ = decodeSnapshot(metadata)
	})
}

// Extrinsics that nobody signed are transactions too, and inherents are not: an
// anchor of their block could not be confirmed else.
func TestTransactionsOfABody(t *testing.T) {
	inherent, bare, signed := []byte{4, 4}, []byte{4, 4}, []byte{8, 0x84, 0}
	for _, c := range []struct {
		body [][]byte
		want int
	}{
		{[][]byte{inherent}, 1},
		{[][]byte{inherent, bare, signed}, 3},
	} {
		if n, err := transactions(c.body, 1); err != nil || n != c.want {
			t.Errorf("%x: %d transactions, %v; want %d", c.body, n, err, c.want)
		}
	}
	if _, err := transactions(nil, 1); err == nil {
		t.Error("a block without its inherents is counted")
	}
}
