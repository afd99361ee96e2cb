package consensus

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/timestamp"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// offer gives a transfer to validator i's pool.
func (d *driver) offer(i, user int, nonce uint32) []byte {
	d.t.Helper()
	raw := d.nw.transfer(d.t, d.nodes[i], d.nw.users[user], nonce, substrate.AccountID{7})
	if _, err := d.apps[i].pool.Submit(d.t.Context(), raw); err != nil {
		d.t.Fatal(err)
	}
	return raw
}

// Applications that see the same decisions have the same blocks, whether they
// proposed, checked or only replayed them.
func TestApplicationsAgree(t *testing.T) {
	nw := newNetwork(t, 4, 3)
	d := newDriver(t, nw)
	rng := rand.New(rand.NewPCG(1, 2))
	nonces := make([]uint32, len(nw.users))
	for range 2*testEpoch + 2 {
		from := rng.IntN(4)
		for range rng.IntN(4) {
			u := rng.IntN(len(nw.users))
			d.offer(from, u, nonces[u])
			nonces[u]++
		}
		parent := d.agreed().Header
		b := d.block(from)
		if got := authorOf(t, d, b.Header); got != substrate.AccountID(nw.validators[from].stash.AccountID()) {
			t.Errorf("block %d: clients see %v as author", b.Number, got)
		}
		if want, _ := parent.Hash(); b.Header.ParentHash != want {
			t.Errorf("block %d has parent %x, want %x", b.Number, b.Header.ParentHash, want)
		}
		for i := range d.apps {
			if s := d.apps[i].pool.Stats(); s.Ready+s.Future != 0 {
				t.Errorf("block %d left %+v in the pool of %d", b.Number, s, i)
			}
		}
	}
	if got := free(t, d.nodes[3], substrate.AccountID{7}); got != unit.SaturatingMul(scale.U128From64(uint64(nonces[0]+nonces[1]+nonces[2]))) {
		t.Errorf("the receiver has %v after %v transfers", got, nonces)
	}
	replay := d.open(-1)
	for _, req := range d.decided {
		if err := finalize(t, replay.app, req); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := replay.Chain().Best(), d.agreed().Ref; got != want {
		t.Errorf("replay ends at %+v, want %+v", got, want)
	}
}

// authorOf derives a block's author as clients do: the index in the BABE
// pre-digest, looked up in the parent's Session.Validators (spec/wire.md §4.3).
func authorOf(t *testing.T, d *driver, h substrate.Header) substrate.AccountID {
	t.Helper()
	if len(h.Digest.Logs) == 0 {
		t.Fatalf("block %d has no digest", h.Number)
	}
	item := h.Digest.Logs[0]
	if item.Kind != substrate.DigestPreRuntime || item.Engine != engineBABE || len(item.Data) < 13 {
		t.Fatalf("block %d begins with %+v", h.Number, item)
	}
	if slot := binary.LittleEndian.Uint64(item.Data[5:]); slot != uint64(genesisTime.UnixMilli()/6000)+uint64(h.Number)-1 {
		t.Errorf("block %d is in slot %d", h.Number, slot)
	}
	if vrf := item.Data[0] == secondaryVRF; vrf != (h.Number > 1) || vrf && len(item.Data) != 13+96 {
		t.Errorf("block %d: pre-digest %x", h.Number, item.Data)
	}
	view, err := d.apps[0].chain.View(h.ParentHash)
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	raw, err := view.Get(session.Validators.Key())
	if err != nil {
		t.Fatal(err)
	}
	validators, err := session.Validators.DecodeValue(raw)
	if err != nil {
		t.Fatal(err)
	}
	return validators[binary.LittleEndian.Uint32(item.Data[1:])]
}

// Whatever a proposer gets wrong, the others reject.
func TestBadProposalsAreRejected(t *testing.T) {
	nw := newNetwork(t, 4, 2)
	d := newDriver(t, nw)
	d.block(0)
	first := d.offer(1, 0, 0)
	d.block(1)
	good := d.offer(2, 0, 1)
	txs := d.propose(2)
	votes := txs[0]
	if len(txs) != 2 || !bytes.Equal(txs[1], good) {
		t.Fatalf("proposal has %d transactions", len(txs))
	}
	forged := bytes.Clone(good)
	forged[60] ^= 1 // inside the signature
	tampered := bytes.Clone(votes)
	tampered[20] ^= 1
	future := nw.transfer(t, d.nodes[0], nw.users[1], 4, substrate.AccountID{7})
	inherent := runtime.Extrinsic{Call: runtime.RuntimeCall{Call: timestamp.Set{Now: 1}}}
	bare, err := inherent.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, txs := range map[string][][]byte{
		"nothing":               {},
		"no votes":              {good},
		"votes twice":           {votes, votes, good},
		"votes not first":       {good, votes},
		"tampered votes":        {tampered, good},
		"votes cut short":       {votes[:len(votes)-1], good},
		"votes with a tail":     {append(bytes.Clone(votes), 0), good},
		"forged signature":      {votes, forged},
		"extrinsic again":       {votes, first, good},
		"extrinsic twice":       {votes, good, good},
		"nonce gap":             {votes, good, future},
		"garbage":               {votes, good, {1, 2, 3}},
		"empty transaction":     {votes, {}},
		"inherent by a user":    {votes, bare},
		"extensions left out":   {withEntries(t, votes, 2), good},
		"entry without a vote":  {withEntries(t, votes, 5), good},
		"entry for a vote gone": {withEntries(t, votes, -1), good},
	} {
		for i := range d.apps {
			if d.accepts(i, 2, txs) {
				t.Errorf("%s: validator %d accepts", name, i)
			}
		}
	}
	if len(d.apps[0].candidates) != 0 {
		t.Error("a rejected block is kept")
	}
	d.decide(2, txs)
	for i, n := range d.nodes {
		if err := n.Err(); err != nil {
			t.Errorf("node %d stopped: %v", i, err)
		}
	}
}

// withEntries changes the entries of a votes transaction: the first n keep
// their extension, more than there are adds one, -1 removes the last.
func withEntries(t *testing.T, raw []byte, n int) []byte {
	t.Helper()
	v, err := scale.Unmarshal[votes](raw)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case n < 0:
		v.Entries = v.Entries[:len(v.Entries)-1]
	case n > len(v.Entries):
		v.Entries = append(v.Entries, v.Entries[0])
	default:
		for i := n; i < len(v.Entries); i++ {
			v.Entries[i] = scale.None[extendedVote]()
		}
	}
	return scale.MustMarshal(v)
}

// A late precommit's extension is counted without having been checked. A bad
// one is left out and does no harm.
func TestBadLateExtension(t *testing.T) {
	d := newDriver(t, newNetwork(t, 4, 0))
	d.block(0)
	for _, bad := range [][]byte{make([]byte, extensionSize), {1}, make([]byte, 1000)} {
		late := 3
		for k, i := range d.order {
			if i == late {
				// d.last is of the height before the one that d.signed signs for.
				d.decided = d.decided[:len(d.decided)-1]
				d.last.Votes[k] = d.signed(i, bad)
				d.decided = append(d.decided, nil)
			}
		}
		d.block(0)
	}
	// An absent validator contributes nothing either.
	for k, i := range d.order {
		if i == 3 {
			d.last.Votes[k].BlockIdFlag = cmtproto.BlockIDFlagAbsent
			d.last.Votes[k].VoteExtension, d.last.Votes[k].ExtensionSignature = nil, nil
		}
	}
	d.block(3)
}

// The extension of another height, of another validator or of no validator is
// rejected.
func TestVoteExtensionsAreChecked(t *testing.T) {
	d := newDriver(t, newNetwork(t, 2, 0))
	old := d.vote()
	d.block(0)
	now := d.vote()
	a, b := d.address(d.order[0]), d.address(d.order[1])
	for name, c := range map[string]struct {
		who address
		ext []byte
		ok  bool
	}{
		"own":           {a, now.Votes[0].VoteExtension, true},
		"empty":         {a, nil, true},
		"old":           {a, old.Votes[0].VoteExtension, false},
		"of another":    {b, now.Votes[0].VoteExtension, false},
		"no validator":  {address{1}, now.Votes[0].VoteExtension, false},
		"longer":        {a, append(bytes.Clone(now.Votes[0].VoteExtension), 0), false},
		"other version": {a, append([]byte{2}, now.Votes[0].VoteExtension[1:]...), false},
	} {
		res, err := d.apps[0].VerifyVoteExtension(t.Context(), &abci.RequestVerifyVoteExtension{
			Height: d.height(), ValidatorAddress: c.who[:], VoteExtension: c.ext,
		})
		if err != nil || (res.Status == abci.ResponseVerifyVoteExtension_ACCEPT) != c.ok {
			t.Errorf("%s: %v, %v", name, res, err)
		}
	}
}

// Timestamps rise by at least a millisecond, whatever CometBFT says.
func TestTimeRises(t *testing.T) {
	d := newDriver(t, newNetwork(t, 1, 0))
	last := uint64(0)
	for _, step := range []time.Duration{0, 0, -time.Hour, time.Microsecond, time.Second} {
		d.time = genesisTime.Add(step)
		d.block(0)
		now := timestampOf(t, d)
		if now <= last {
			t.Errorf("time %d after %d", now, last)
		}
		last = now
	}
	if last != uint64(genesisTime.Add(time.Second).UnixMilli()) {
		t.Errorf("the last block's time is %d", last)
	}
}

func timestampOf(t *testing.T, d *driver) uint64 {
	t.Helper()
	view, err := d.apps[0].chain.BestView()
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	return valueIn(t, view, timestamp.Now)
}

// valueIn reads a storage item of a state.
func valueIn[V any](t *testing.T, view *chain.View, item *runtime.Value[V]) V {
	t.Helper()
	raw, err := view.Get(item.Key())
	if err != nil {
		t.Fatal(err)
	}
	v, err := item.DecodeValue(raw)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Several rounds may propose several blocks; whichever is decided counts.
func TestRoundsCompete(t *testing.T) {
	d := newDriver(t, newNetwork(t, 4, 2))
	d.block(0)
	var proposals [][][]byte
	for from := range 4 {
		d.offer(from, 0, 0)
		txs := d.propose(from)
		for i := range d.apps {
			if !d.accepts(i, from, txs) {
				t.Fatalf("validator %d rejects the block of %d", i, from)
			}
		}
		proposals = append(proposals, txs)
	}
	b := d.decide(1, proposals[1])
	if got := authorOf(t, d, b.Header); got != substrate.AccountID(d.nw.validators[1].stash.AccountID()) {
		t.Errorf("the author is %v", got)
	}
	d.block(2)
}

// What cannot be in the block stays out and leaves the pool; what may be in a
// later one stays.
func TestProposalsFilter(t *testing.T) {
	d := newDriver(t, newNetwork(t, 1, 2))
	d.block(0)
	a := d.apps[0]
	raw := d.offer(0, 0, 0)
	// A decided block takes the nonce behind the pool's back: the extrinsic of
	// the pool is stale when the next block is made.
	other := d.nw.transfer(t, d.nodes[0], d.nw.users[0], 0, substrate.AccountID{8})
	votes := d.propose(0)[0]
	d.decide(0, [][]byte{votes, other})
	if a.pool.Lookup(runtime.ExtrinsicHash(raw)) != nil {
		t.Error("a stale extrinsic is still in the pool")
	}
	d.offer(0, 0, 1)
	b := d.block(0)
	if len(b.Body) != 2 {
		t.Errorf("block has %d extrinsics", len(b.Body))
	}
}

// A decided block that cannot be executed stops the node instead of leaving the
// chain.
func TestInvalidDecisionStopsTheNode(t *testing.T) {
	d := newDriver(t, newNetwork(t, 1, 1))
	d.block(0)
	txs := append(d.propose(0), []byte{1, 2, 3})
	a := d.address(0)
	_, err := d.apps[0].FinalizeBlock(t.Context(), &abci.RequestFinalizeBlock{
		Txs: txs, DecidedLastCommit: d.commitInfo(), Height: d.height(), Time: d.time, ProposerAddress: a[:],
	})
	if err == nil || d.nodes[0].Err() == nil {
		t.Errorf("FinalizeBlock: %v, node: %v", err, d.nodes[0].Err())
	}
	if best := d.apps[0].chain.Best(); best.Number != 1 {
		t.Errorf("best block is %d", best.Number)
	}
}
