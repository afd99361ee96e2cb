package consensus

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/next"
	"github.com/gocess/gocess/ledger/pallets/sudo"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/upgrade"
	"github.com/gocess/gocess/ledger/pallets/utility"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// switchAt is the first block of the next runtime in these tests.
const switchAt = 6

// upgrading is a network whose first user may upgrade it, with programs that know
// the next runtime, and what programs know that are older.
func upgrading(t *testing.T, validators int) (nw *network, older *runtime.Versions) {
	t.Helper()
	nw = newNetwork(t, validators, 2)
	root := types.Address(nw.users[0].AccountID())
	nw.genesis.Pallets["Sudo"] = encode(t, sudo.Genesis{Key: &root})
	constants := map[string]json.RawMessage{"Babe.EpochDuration": encode(t, testEpoch)}
	newer, err := runtime.NewVersions(0, constants, append(slices.Clone(pallets.Releases), next.Release())...)
	if err != nil {
		t.Fatal(err)
	}
	older, err = runtime.NewVersions(0, constants, pallets.Releases...)
	if err != nil {
		t.Fatal(err)
	}
	nw.versions = newer
	return nw, older
}

// announce schedules the upgrade in block 1, next to a value that it moves.
func announce(t *testing.T, d *driver) {
	t.Helper()
	d.submit(0, 0, utility.BatchAll{Calls: []runtime.RuntimeCall{
		{Call: sudo.Sudo{Call: runtime.RuntimeCall{Call: upgrade.Schedule{SpecVersion: next.SpecVersion, Height: switchAt}}}},
		{Call: sudo.Sudo{Call: runtime.RuntimeCall{Call: system.SetStorage{
			Items: []system.KeyValue{{Key: next.OldNote, Value: []byte("sow in spring")}},
		}}}},
	}})
	d.block(0)
	if _, ok := upgrade.Scheduled.Get(d.after(1)); !ok {
		t.Fatal("nothing is scheduled")
	}
}

// submit signs a call of a user by the runtime of the next block.
func (d *driver) submit(user int, nonce uint32, call runtime.Call) []byte {
	d.t.Helper()
	raw := d.sign(user, nonce, call)
	if _, err := d.apps[0].pool.Submit(d.t.Context(), raw); err != nil {
		d.t.Fatal(err)
	}
	return raw
}

func (d *driver) sign(user int, nonce uint32, call runtime.Call) []byte {
	d.t.Helper()
	view, err := d.apps[0].chain.BestView()
	if err != nil {
		d.t.Fatal(err)
	}
	defer view.Close()
	if d.nw.rt, err = d.nw.versions.Next(view.Parent()); err != nil {
		d.t.Fatal(err)
	}
	return d.nw.sign(d.t, d.apps[0].chain.Genesis(), d.nw.users[user], runtime.RuntimeCall{Call: call},
		runtime.Extra{Era: substrate.Immortal, Nonce: nonce})
}

// after gives the state after a block.
func (d *driver) after(number uint32) *runtime.Context {
	d.t.Helper()
	a := d.apps[0]
	hash, err := a.chain.HashAt(number)
	if err != nil {
		d.t.Fatal(err)
	}
	view, err := a.chain.View(hash)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = view.Close() })
	rt, err := d.nw.versions.Last(view.Parent())
	if err != nil {
		d.t.Fatal(err)
	}
	return rt.ReadContext(view.Parent())
}

// The chain changes runtimes at the announced block: clients see it in the block
// before, the migration runs once, calls of the new runtime work from then on and
// not before, what was signed for the old one leaves the pool, and a node that
// replays all of it arrives at the same blocks.
func TestUpgrade(t *testing.T) {
	nw, _ := upgrading(t, 4)
	d := newDriver(t, nw)
	announce(t, d)
	stale := d.sign(1, 3, system.Remark{}) // waits for nonces that do not come
	for i := range d.apps {
		if _, err := d.apps[i].pool.Submit(t.Context(), stale); err != nil {
			t.Fatal(err)
		}
	}
	early := d.sign(1, 0, system.Remark{})
	for d.agreed().Number < switchAt-1 {
		if _, err := d.apps[0].pool.Submit(t.Context(), d.sign(1, 0, next.Write{})); err == nil {
			t.Fatal("the pool takes a call of the next runtime")
		}
		b := d.block(int(d.height()) % 4)
		told := slices.ContainsFunc(b.Header.Digest.Logs, func(item substrate.DigestItem) bool {
			return item.Kind == substrate.DigestRuntimeEnvironmentUpdated
		})
		if told != (b.Number == switchAt-1) {
			t.Errorf("block %d: digest %v", b.Number, b.Header.Digest.Logs)
		}
	}
	before := d.after(switchAt - 1)
	if code, err := runtime.DecodeCode(before.Get(runtime.CodeKey)); err != nil || code.SpecVersion != next.SpecVersion {
		t.Errorf("code before the switch: %+v, %v", code, err)
	}
	if before.Get(next.OldNote) == nil {
		t.Error("the migration has run already")
	}
	for i, a := range d.apps {
		if s := a.pool.Stats(); s.Future+s.Ready != 0 {
			t.Errorf("%+v of the old runtime in the pool of %d", s, i)
		}
		if _, err := a.pool.Submit(t.Context(), early); !refusedFor(err, substrate.InvalidBadProof) {
			t.Errorf("validator %d: a signature for the old runtime: %v", i, err)
		}
	}
	d.submit(1, 0, next.Write{Text: []byte("reap in autumn")})
	b := d.block(0)
	if b.Number != switchAt || len(b.Body) != 2 {
		t.Fatalf("block %d has %d extrinsics", b.Number, len(b.Body))
	}
	after := d.after(switchAt)
	if note, _ := next.Note.Get(after); string(note) != "reap in autumn" || after.Get(next.OldNote) != nil {
		t.Errorf("note %q, old note %q", note, after.Get(next.OldNote))
	}
	if last, _ := system.LastRuntimeUpgrade.Get(after); last.SpecVersion != next.SpecVersion {
		t.Errorf("last upgrade %+v", last)
	}
	for range 3 {
		d.block(1)
	}
	if _, err := nw.versions.First().DecodeExtrinsic(b.Body[1]); err == nil {
		t.Error("the old runtime decodes a call of the new one")
	}
	d.replay(nw.versions)
}

func refusedFor(err error, why substrate.InvalidTransaction) bool {
	return err != nil && strings.Contains(err.Error(), why.Error())
}

// replay decides the same again on a new node, which must come to the same end.
func (d *driver) replay(versions *runtime.Versions) {
	d.t.Helper()
	cfg := d.nw.config(d.t, d.t.TempDir(), -1)
	cfg.Runtime = versions
	n, err := New(cfg)
	if err != nil {
		d.t.Fatal(err)
	}
	defer n.Close()
	for _, req := range d.decided {
		if err := finalize(d.t, n.app, req); err != nil {
			d.t.Fatal(err)
		}
	}
	if got, want := n.Chain().Best(), d.agreed().Ref; got != want {
		d.t.Errorf("replay ends at %+v, want %+v", got, want)
	}
}

// A program that does not know the next runtime stops before its first block and
// says which one it needs. Started again it says so at once. A newer program goes
// on with the data, also if it is killed between the decision and the commit of
// the switch.
func TestUpgradeOfOldProgram(t *testing.T) {
	nw, older := upgrading(t, 1)
	d := newDriver(t, nw)
	announce(t, d)
	for d.agreed().Number < switchAt+2 {
		d.block(0)
	}
	cfg := nw.config(t, t.TempDir(), -1)
	run := func(versions *runtime.Versions) *Node {
		cfg.Runtime = versions
		n, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	n := run(older)
	for _, req := range d.decided[:switchAt-1] {
		if err := n.Err(); err != nil {
			t.Fatalf("stopped before block %d: %v", req.Height, err)
		}
		if err := finalize(t, n.app, req); err != nil {
			t.Fatal(err)
		}
	}
	wants := func(err error) {
		t.Helper()
		unknown, ok := errors.AsType[*runtime.UnknownVersionError](err)
		if !ok || unknown.Needs != next.SpecVersion || unknown.Block != switchAt || !strings.Contains(err.Error(), "knows only 137") {
			t.Errorf("the node says: %v", err)
		}
	}
	wants(n.Err())
	res, err := n.app.ProcessProposal(t.Context(), &abci.RequestProcessProposal{
		Txs: d.decided[switchAt-1].Txs, ProposedLastCommit: d.decided[switchAt-1].DecidedLastCommit,
		Height: switchAt, Time: d.decided[switchAt-1].Time, ProposerAddress: d.decided[switchAt-1].ProposerAddress,
	})
	if err != nil || res.Status != abci.ResponseProcessProposal_REJECT {
		t.Errorf("a proposal for the switch: %v, %v", res, err)
	}
	if err := finalize(t, n.app, d.decided[switchAt-1]); err == nil {
		t.Error("the old program ran a block of the next runtime")
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	cfg.Runtime = older
	_, err = New(cfg)
	wants(err)

	n = run(nw.versions)
	if best := n.Chain().Best().Number; best != switchAt-1 {
		t.Fatalf("the data ends at block %d", best)
	}
	for range 2 { // executed and never committed
		if _, err := n.app.FinalizeBlock(t.Context(), d.decided[switchAt-1]); err != nil {
			t.Fatal(err)
		}
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
		n = run(nw.versions)
	}
	defer n.Close()
	for _, req := range d.decided[switchAt-1:] {
		if err := finalize(t, n.app, req); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := n.Chain().Best(), d.agreed().Ref; got != want {
		t.Errorf("the node is at %+v, want %+v", got, want)
	}
	if !bytes.Equal(contents(t, n.app, switchAt), contents(t, d.apps[0], switchAt)) {
		t.Error("the states of the switch differ")
	}
}

// New nodes fetch the whole chain, or a snapshot from after the switch, from real
// peers.
func TestJoinAcrossUpgrade(t *testing.T) {
	if testing.Short() {
		t.Skip("CometBFT looks for snapshots for at least five seconds")
	}
	nw, older := upgrading(t, 1)
	nw.genesis.Time = time.Now().Add(-time.Minute).Truncate(time.Second)
	cfg := nw.config(t, t.TempDir(), 0)
	cfg.P2P.Listen, cfg.Light = freePort(t), freePort(t)
	cfg.Snapshots = Snapshots{Interval: 10, Keep: 1000}
	source := start(t, cfg)
	const at = 40
	plan := sudo.Sudo{Call: runtime.RuntimeCall{Call: upgrade.Schedule{SpecVersion: next.SpecVersion, Height: at}}}
	raw := nw.sign(t, source.Chain().Genesis(), nw.users[0], runtime.RuntimeCall{Call: plan}, runtime.Extra{Era: substrate.Immortal})
	if _, err := source.Pool().Submit(t.Context(), raw); err != nil {
		t.Fatal(err)
	}
	waitFor(t, source, at+15)

	whole := nw.config(t, t.TempDir(), -1)
	whole.P2P.Peers = source.Addresses()
	n := start(t, whole)
	waitFor(t, n, at+5)
	sameAnswers(t, source, n, at)

	old := nw.config(t, t.TempDir(), -1)
	old.P2P.Peers, old.Runtime = source.Addresses(), older
	late := start(t, old)
	waitFor(t, late, at-1)
	for deadline := testContext(t); late.Err() == nil && deadline.Err() == nil; {
		time.Sleep(50 * time.Millisecond)
	}
	if !isUnknownVersion(late.Err()) || late.Chain().Best().Number != at-1 {
		t.Errorf("the old program is at block %d: %v", late.Chain().Best().Number, late.Err())
	}

	height, hash, err := LatestTrust(t.Context(), cfg.Light)
	if err != nil {
		t.Fatal(err)
	}
	joining := nw.config(t, t.TempDir(), -1)
	joining.P2P.Peers = source.Addresses()
	joining.StateSync = StateSync{Servers: []string{cfg.Light}, TrustHeight: height, TrustHash: hash}
	synced := start(t, joining)
	best := waitFor(t, synced, synced.Chain().Best().Number+1)
	waitFor(t, synced, best.Number+2)
	if synced.Chain().First() <= at {
		t.Errorf("the node executed the switch: first is %d", synced.Chain().First())
	}
	sameAnswers(t, source, synced, synced.Chain().Best().Number)
}
