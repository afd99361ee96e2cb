package consensus

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// errInvalidBlock marks a block that its proposer must not have made.
var errInvalidBlock = errors.New("invalid block")

// job is one block in execution.
type job struct {
	app      *app
	proposal *proposal
	view     *chain.View // the parent's state
	runtime  *runtime.Runtime
	exec     *runtime.Execution
	record   record
	digest   []substrate.DigestItem
	included []*runtime.Checked
	// contributed is how many validators had a part in the block's randomness.
	contributed int
	// root is the extrinsics root that is being computed, nil if it is not.
	root <-chan rootResult
}

// begin checks the votes of a proposal and starts the block on top of the best
// one. The caller closes the job. a.mu is held.
func (a *app) begin(p *proposal, votes []byte) (*job, error) {
	best := a.chain.Best()
	if p.height != best.Number+1 {
		return nil, fmt.Errorf("block %d after %d", p.height, best.Number)
	}
	j := &job{app: a, proposal: p, record: a.record.next()}
	proof, err := j.drawRandomness(votes)
	if err != nil {
		return nil, err
	}
	info := runtime.BlockInfo{
		TimeMs: j.tellTime(), Voted: a.voters(p.commit), Misbehaviours: p.misbehaviours,
	}
	if p.height > 1 {
		r := j.record.Randomness
		info.Randomness = &r
	}
	if author, ok := a.author(p.proposer); ok {
		info.HasAuthor, info.AuthorIndex, info.Author = true, author.Index, author.Account
		j.digest = []substrate.DigestItem{preRuntime(author.Index, j.record.Current.Number, proof)}
		info.Digest = j.digest
	}
	if j.view, err = a.chain.BestView(); err != nil {
		return nil, err
	}
	if j.runtime, err = a.cfg.Runtime.Next(j.view.Parent()); err == nil {
		j.exec, err = j.runtime.NewBlock(j.view.Parent(), info)
	}
	if err != nil {
		j.close()
		return nil, err
	}
	return j, nil
}

func (j *job) close() {
	if j.view != nil {
		_ = j.view.Close() // a view holds no unsaved data
	}
}

// drawRandomness verifies what the validators contributed and moves R on. It
// returns the proposer's own contribution, nil if there is none.
func (j *job) drawRandomness(votes []byte) (*contribution, error) {
	a, p := j.app, j.proposal
	if p.height == 1 {
		return nil, nil
	}
	by, list, err := verifyVotes(votes, p.commit, a.extensionRules(p.height-1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errInvalidBlock, err)
	}
	j.record.Randomness = blockRandomness(p.height, a.record.Randomness, list)
	j.contributed = len(list)
	return by[p.proposer], nil
}

// tellTime makes the block time a strictly increasing number of milliseconds.
func (j *job) tellTime() uint64 {
	j.record.TimeMs = max(uint64(max(j.proposal.time.UnixMilli(), 0)), j.app.record.TimeMs+1)
	return j.record.TimeMs
}

// voters are the stashes of those who voted on the best block, in the order of
// its commit.
func (a *app) voters(c commit) []substrate.AccountID {
	var out []substrate.AccountID
	for _, v := range c.votes {
		if v.flag != cmtproto.BlockIDFlagCommit && v.flag != cmtproto.BlockIDFlagNil {
			continue
		}
		if who, ok := a.record.deciding(0).find(v.address); ok {
			out = append(out, who.Account)
		}
	}
	return out
}

// author is the proposer with its place in Session.Validators of the parent
// state, where clients look it up; for a validator who is not there yet, in the
// first block of its session, its place in the new one.
func (a *app) author(proposer address) (Authority, bool) {
	for ahead := range 2 {
		if v, ok := a.record.deciding(ahead).find(proposer); ok {
			return v, true
		}
	}
	return Authority{}, false
}

// extensionRules returns what vote extensions of a height are checked against:
// the best block's or the next one's. a.mu is held.
func (a *app) extensionRules(height uint32) extensionRules {
	set, slot := a.record.deciding(0), a.record.Current
	if height == a.chain.Best().Number+1 {
		set, slot = a.record.deciding(1), a.record.Next
	}
	return extensionRules{
		chainID: a.cfg.Genesis.ChainID,
		height:  height,
		set:     set,
		slot:    slot,
		ahead:   a.ahead,
	}
}

// apply runs one extrinsic; see runtime.Execution.Apply.
func (j *job) apply(x *runtime.Checked) error {
	if err := j.exec.Apply(x); err != nil {
		return err
	}
	j.included = append(j.included, x)
	return nil
}

// finish closes the block: its state root, header and record.
func (j *job) finish() (*candidate, error) {
	a, parent := j.app, j.view.Ref()
	out, err := j.exec.Finish()
	if err != nil {
		return nil, err
	}
	staged, err := a.store.Stage(uint64(j.proposal.height), changesOf(out.Changes))
	if err != nil {
		return nil, err
	}
	root, err := j.extrinsicsRoot(out.Body)
	if err != nil {
		return nil, err
	}
	block, err := newBlock(parent, staged.Root(), root, out, j.digest)
	if err != nil {
		return nil, err
	}
	updates, err := j.lookAhead(block.Ref, out.Changes)
	if err != nil {
		return nil, err
	}
	stored, err := j.record.encode()
	if err != nil {
		return nil, err
	}
	return &candidate{
		staged:      staged,
		block:       block,
		included:    j.included,
		record:      j.record,
		stored:      stored,
		commitment:  commitment(block.Hash, stored),
		updates:     updatesOf(j.record.deciding(1), updates),
		contributed: j.contributed,
	}, nil
}

// lookAhead reads from the state after the block who decides the block two
// after it, and the next slot.
func (j *job) lookAhead(at chain.Ref, changes []runtime.Change) (authorities, error) {
	after := runtime.Parent{State: &runtime.Layer{Base: j.view, Top: changes}, Number: at.Number, Hash: at.Hash}
	var set authorities
	err := j.runtime.Read(after, func(ctx *runtime.Context) {
		set = authorities(j.app.cfg.Pallets.Authorities(ctx)).distinct()
		j.record.Next = j.app.cfg.Pallets.Slot(ctx)
	})
	if err != nil {
		return nil, err
	}
	if len(set) == 0 {
		set = j.record.deciding(1)
	}
	j.record.Sets[2] = set
	return set, nil
}

// newBlock derives the Substrate header and block of an execution.
func newBlock(
	parent chain.Ref, stateRoot [32]byte, extrinsicsRoot substrate.H256, out *runtime.Outcome, digest []substrate.DigestItem,
) (*chain.Block, error) {
	logs, err := finalDigest(out.Changes, digest)
	if err != nil {
		return nil, err
	}
	b := &chain.Block{
		Header: substrate.Header{
			ParentHash:     parent.Hash,
			Number:         parent.Number + 1,
			StateRoot:      stateRoot,
			ExtrinsicsRoot: extrinsicsRoot,
			Digest:         logs,
		},
		Body:    out.Body,
		Written: writtenKeys(out.Changes),
	}
	b.Number = b.Header.Number
	if b.Hash, err = b.Header.Hash(); err != nil {
		return nil, fmt.Errorf("hash header: %w", err)
	}
	return b, nil
}

// digestKey is System.Digest: during a block, its header's digest.
var digestKey = func() []byte {
	pallet, item := crypto.Twox128([]byte("System")), crypto.Twox128([]byte("Digest"))
	return append(pallet[:], item[:]...)
}()

// finalDigest is the digest that the block left in state: what it started with
// and what pallets added.
func finalDigest(changes []runtime.Change, start []substrate.DigestItem) (substrate.Digest, error) {
	i, ok := slices.BinarySearchFunc(changes, digestKey, func(c runtime.Change, key []byte) int {
		return bytes.Compare(c.Key, key)
	})
	if !ok || changes[i].Value == nil {
		return substrate.Digest{Logs: start}, nil
	}
	d, err := scale.Unmarshal[substrate.Digest](changes[i].Value)
	if err != nil {
		return d, fmt.Errorf("System.Digest: %w", err)
	}
	return d, nil
}

// rootResult is an extrinsics root that another goroutine has computed.
type rootResult struct {
	root substrate.H256
	err  error
}

// rootAhead begins to compute the extrinsics root of a block that will consist of
// its inherents and raw, while these are executed.
func (j *job) rootAhead(raw [][]byte) {
	body := slices.Concat(j.exec.Body(), raw)
	result := make(chan rootResult, 1) // nobody takes it if execution fails
	j.root = result
	go func() {
		root, err := extrinsicsRoot(body)
		result <- rootResult{root, err}
	}()
}

// extrinsicsRoot is that of the finished block's body.
func (j *job) extrinsicsRoot(body [][]byte) (substrate.H256, error) {
	if j.root == nil {
		return extrinsicsRoot(body)
	}
	r := <-j.root
	return r.root, r.err
}

// extrinsicsRoot is the root of the trie compact(index) → extrinsic, state
// version 0 (spec/wire.md §4.1).
func extrinsicsRoot(body [][]byte) (substrate.H256, error) {
	pairs := make([]state.KV, len(body))
	for i, x := range body {
		key, err := scale.Marshal(scale.Compact[uint32]{Value: uint32(i)})
		if err != nil {
			return substrate.H256{}, err
		}
		pairs[i] = state.KV{Key: key, Value: x}
	}
	root, err := state.TrieRoot(pairs, state.V0)
	return root, err
}

func changesOf(changes []runtime.Change) []state.KV {
	out := make([]state.KV, len(changes))
	for i, c := range changes {
		out[i] = state.KV(c)
	}
	return out
}

func writtenKeys(changes []runtime.Change) [][]byte {
	out := make([][]byte, len(changes))
	for i, c := range changes {
		out[i] = c.Key
	}
	return out
}
