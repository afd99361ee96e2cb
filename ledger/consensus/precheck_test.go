package consensus

import (
	"testing"
	"time"

	"github.com/cometbft/cometbft/types"

	"github.com/gocess/gocess/primitives/substrate"
)

// Verifying ahead spares the work at a block's turn and changes no outcome:
// forged signatures are found then.
func TestPrecheckOnlySavesWork(t *testing.T) {
	nw := newNetwork(t, 3, 2)
	d := newDriver(t, nw)
	for range 3 {
		d.block(0)
	}
	a := d.apps[1]
	height := a.chain.Best().Number
	good := nw.transfer(t, d.nodes[0], nw.users[0], 0, substrate.AccountID{1})
	forged := append([]byte(nil), nw.transfer(t, d.nodes[0], nw.users[1], 0, substrate.AccountID{1})...)
	forged[60] ^= 1 // in the signature
	info := d.commitInfo()
	raw := d.propose(0)[0]
	last := &types.Commit{Height: int64(height), Round: info.Round}
	for _, v := range info.Votes {
		last.Signatures = append(last.Signatures, types.CommitSig{
			BlockIDFlag: types.BlockIDFlag(v.BlockIdFlag), ValidatorAddress: v.Validator.Address,
		})
	}
	a.ahead.block(&types.Block{
		Header:     types.Header{Height: int64(height) + 1},
		LastCommit: last,
		Data:       types.Data{Txs: types.Txs{raw, good, forged, {1, 2, 3}}},
	})
	if got := len(a.ahead.extensions.items); got != len(info.Votes) {
		t.Errorf("%d extensions are verified, want %d", got, len(info.Votes))
	}
	if got := a.ahead.extrinsics.items[height+1]; len(got) != 3 || got[0] == nil || got[1] != nil || got[2] != nil {
		t.Errorf("verified are %v, want the good one", got)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	p := &proposal{height: height + 1, time: time.Now(), proposer: d.address(0), commit: commitOf(info)}
	j, err := a.begin(p, raw)
	if err != nil {
		t.Fatal(err)
	}
	defer j.close()
	if got := len(a.ahead.extensions.items); got != 0 {
		t.Errorf("%d verified extensions are not taken", got)
	}
	if list, err := j.check([][]byte{good}); err != nil || len(list) != 1 {
		t.Fatalf("the good one: %v", err)
	}
	if len(a.ahead.extrinsics.items) != 0 {
		t.Error("a verified extrinsic is not taken")
	}
	if _, err := j.check([][]byte{good, forged}); err == nil {
		t.Error("a forged signature passes")
	}
}
