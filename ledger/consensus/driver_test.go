package consensus

import (
	"bytes"
	"reflect"
	"slices"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/state"
)

// driver plays CometBFT for the applications of a network's validators: it
// hands proposals, votes and decisions from one to the others, so that tests
// choose what happens.
type driver struct {
	t     testing.TB
	nw    *network
	nodes []*Node
	apps  []*app // by validator
	order []int  // validators in the order of CometBFT's set
	time  time.Time
	last  abci.ExtendedCommitInfo
	// evidence is what the next block reports.
	evidence []abci.Misbehavior
	// updates are what the applications answered to each height.
	updates map[int64][]abci.ValidatorUpdate
	// absent are the validators that decide nothing, by CometBFT's address.
	absent map[address]bool
	// decided are the decisions so far, for replay, after the first base.
	decided []*abci.RequestFinalizeBlock
	base    int
}

func newDriver(t testing.TB, nw *network) *driver {
	t.Helper()
	return newDriverWith(t, nw, nil)
}

func newDriverWith(t testing.TB, nw *network, opts []state.Option) *driver {
	t.Helper()
	d := &driver{
		t: t, nw: nw, time: nw.genesis.Time,
		updates: map[int64][]abci.ValidatorUpdate{}, absent: map[address]bool{},
	}
	for i := range nw.validators {
		n := d.openWith(i, opts)
		d.nodes = append(d.nodes, n)
		d.apps = append(d.apps, n.app)
		d.order = append(d.order, i)
	}
	slices.SortFunc(d.order, func(a, b int) int {
		x, y := d.address(a), d.address(b)
		return bytes.Compare(x[:], y[:])
	})
	return d
}

// open makes the node of validator i without CometBFT.
func (d *driver) open(i int) *Node {
	d.t.Helper()
	return d.openWith(i, nil)
}

func (d *driver) openWith(i int, opts []state.Option) *Node {
	d.t.Helper()
	cfg := d.nw.config(d.t, d.t.TempDir(), i)
	cfg.State = opts
	n, err := New(cfg)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		if err := n.Close(); err != nil {
			d.t.Error(err)
		}
	})
	return n
}

func (d *driver) address(i int) address {
	return addressOf([32]byte(d.nw.validators[i].grandpa.Public()))
}

func (d *driver) height() int64 { return int64(d.base+len(d.decided)) + 1 }

// propose asks validator i for the next block.
func (d *driver) propose(i int) [][]byte {
	d.t.Helper()
	a := d.address(i)
	res, err := d.apps[i].PrepareProposal(d.t.Context(), &abci.RequestPrepareProposal{
		MaxTxBytes: 1 << 20, LocalLastCommit: d.last, Height: d.height(), Time: d.time, ProposerAddress: a[:],
		Misbehavior: d.evidence,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return res.Txs
}

// commitInfo is the last commit as blocks carry it.
func (d *driver) commitInfo() abci.CommitInfo {
	c := abci.CommitInfo{Round: d.last.Round}
	for _, v := range d.last.Votes {
		c.Votes = append(c.Votes, abci.VoteInfo{Validator: v.Validator, BlockIdFlag: v.BlockIdFlag})
	}
	return c
}

// accepts asks validator i what it thinks of a proposal of validator from.
func (d *driver) accepts(i, from int, txs [][]byte) bool {
	d.t.Helper()
	a := d.address(from)
	res, err := d.apps[i].ProcessProposal(d.t.Context(), &abci.RequestProcessProposal{
		Txs: txs, ProposedLastCommit: d.commitInfo(), Height: d.height(), Time: d.time, ProposerAddress: a[:],
		Misbehavior: d.evidence,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return res.Status == abci.ResponseProcessProposal_ACCEPT
}

// vote collects the extended votes of all validators.
func (d *driver) vote() abci.ExtendedCommitInfo {
	d.t.Helper()
	var c abci.ExtendedCommitInfo
	for _, i := range d.order {
		if d.absent[d.address(i)] {
			continue
		}
		res, err := d.apps[i].ExtendVote(d.t.Context(), &abci.RequestExtendVote{Height: d.height()})
		if err != nil {
			d.t.Fatal(err)
		}
		c.Votes = append(c.Votes, d.signed(i, res.VoteExtension))
	}
	for i := range d.apps {
		for k, v := range c.Votes {
			res, err := d.apps[i].VerifyVoteExtension(d.t.Context(), &abci.RequestVerifyVoteExtension{
				Height: d.height(), ValidatorAddress: v.Validator.Address, VoteExtension: v.VoteExtension,
			})
			if err != nil || res.Status != abci.ResponseVerifyVoteExtension_ACCEPT {
				d.t.Fatalf("validator %d rejects the extension of vote %d: %v", i, k, err)
			}
		}
	}
	return c
}

// signed is validator i's COMMIT vote with an extension.
func (d *driver) signed(i int, extension []byte) abci.ExtendedVoteInfo {
	d.t.Helper()
	signature, err := d.nw.validators[i].grandpa.Sign(types.VoteExtensionSignBytes(d.nw.genesis.ChainID,
		&cmtproto.Vote{Extension: extension, Height: d.height(), Round: d.last.Round}))
	if err != nil {
		d.t.Fatal(err)
	}
	a := d.address(i)
	return abci.ExtendedVoteInfo{
		Validator: abci.Validator{Address: a[:], Power: 1}, BlockIdFlag: cmtproto.BlockIDFlagCommit,
		VoteExtension: extension, ExtensionSignature: signature,
	}
}

// decide commits a proposal everywhere and moves on to the next height.
func (d *driver) decide(from int, txs [][]byte) *chain.Block {
	d.t.Helper()
	votes := d.vote()
	a := d.address(from)
	req := &abci.RequestFinalizeBlock{
		Txs: txs, DecidedLastCommit: d.commitInfo(), Height: d.height(), Time: d.time, ProposerAddress: a[:],
		Misbehavior: d.evidence,
	}
	for i, app := range d.apps {
		res, err := finalizeBlock(d.t, app, req)
		if err != nil {
			d.t.Fatalf("validator %d: %v", i, err)
		}
		if i > 0 && !reflect.DeepEqual(res.ValidatorUpdates, d.updates[req.Height]) {
			d.t.Fatalf("block %d: validator %d updates %v, validator 0 %v", req.Height, i, res.ValidatorUpdates, d.updates[req.Height])
		}
		d.updates[req.Height] = res.ValidatorUpdates
	}
	d.evidence = nil
	d.decided = append(d.decided, req)
	d.follow(req.Height - 1)
	d.last = votes
	d.time = d.time.Add(time.Second)
	return d.agreed()
}

// follow applies the updates of a height, which take effect two heights later.
func (d *driver) follow(height int64) {
	d.t.Helper()
	for _, u := range d.updates[height] {
		a := addressOf([32]byte(u.PubKey.GetEd25519()))
		if d.absent[a] == (u.Power == 0) {
			d.t.Fatalf("block %d: power %d of %x is not new", height, u.Power, a)
		}
		d.absent[a] = u.Power == 0
	}
}

func finalize(t testing.TB, a *app, req *abci.RequestFinalizeBlock) error {
	_, err := finalizeBlock(t, a, req)
	return err
}

func finalizeBlock(t testing.TB, a *app, req *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	res, err := a.FinalizeBlock(t.Context(), req)
	if err != nil {
		return nil, err
	}
	_, err = a.Commit(t.Context(), &abci.RequestCommit{})
	return res, err
}

// block proposes, checks and decides a block.
func (d *driver) block(from int) *chain.Block {
	d.t.Helper()
	txs := d.propose(from)
	for i := range d.apps {
		if !d.accepts(i, from, txs) {
			d.t.Fatalf("validator %d rejects the block of %d", i, from)
		}
	}
	return d.decide(from, txs)
}

// agreed returns the best block, which must be the same everywhere.
func (d *driver) agreed() *chain.Block {
	d.t.Helper()
	best := d.apps[0].chain.Best()
	for i, a := range d.apps {
		if got := a.chain.Best(); got != best {
			d.t.Fatalf("validator %d is at %+v, validator 0 at %+v", i, got, best)
		}
	}
	b, err := d.apps[0].chain.Block(best.Number)
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}
