package consensus

import (
	"bytes"
	"crypto/sha256"
	goruntime "runtime"
	"sync"
	"sync/atomic"

	"github.com/cometbft/cometbft/types"

	"github.com/gocess/gocess/ledger/pool"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
)

// precheck verifies what old blocks contain before it is their turn, while others
// are executed. It only ever saves work: what it has not verified, or under
// other circumstances than those of the block's execution, is verified then.
type precheck struct {
	app *app
	// now is what the next block's votes are checked against.
	now atomic.Pointer[extensionRules]

	extensions memory[[32]byte, *contribution]
	// extrinsics are those of a block, by its height; nil in place of one that is
	// not verified.
	extrinsics memory[uint32, []*runtime.Checked]
}

// How much is remembered: the votes of a window of blocks, and the extrinsics of
// a few more blocks than are verified before their turn.
const (
	maxExtensionsAhead = 4096
	maxBlocksAhead     = 16
)

func newPrecheck(a *app) *precheck {
	h := &precheck{app: a}
	h.extensions.max, h.extrinsics.max = maxExtensionsAhead, maxBlocksAhead
	return h
}

// expect tells which block is to be executed next. a.mu is held.
func (h *precheck) expect(height uint32) {
	rules := h.app.extensionRules(height)
	h.now.Store(&rules)
}

// block verifies what it can of a block that has been decided. It may be called
// by several goroutines.
func (h *precheck) block(b *types.Block) {
	p := proposal{height: uint32(b.Height)}
	for _, tx := range b.Txs {
		p.txs = append(p.txs, tx)
	}
	votes, raw, ok := p.votes()
	if !ok {
		return
	}
	if votes != nil {
		h.votes(votes, b.LastCommit)
	}
	h.sign(p.height, raw)
}

// votes verifies vote extensions, if they are of the validators and the epoch
// of now.
func (h *precheck) votes(raw []byte, c *types.Commit) {
	now := h.now.Load()
	v, err := scale.Unmarshal[votes](raw)
	if err != nil || now == nil {
		return
	}
	rules := now.at(uint32(c.Height))
	entries := v.Entries
	for _, s := range c.Signatures {
		if s.BlockIDFlag != types.BlockIDFlagCommit || len(entries) == 0 {
			continue
		}
		x, ok := entries[0].Get()
		entries = entries[1:]
		if !ok {
			continue
		}
		vote := commitVote{address: addressFrom(s.ValidatorAddress)}
		if got, err := rules.check(&vote, c.Round, x); err == nil {
			h.extensions.put(rules.key(&vote, c.Round, x), got)
		}
	}
}

// sign verifies the signatures of a block's extrinsics.
func (h *precheck) sign(height uint32, raw [][]byte) {
	view, err := h.app.chain.BestView()
	if err != nil {
		return
	}
	defer view.Close()
	rt, parent, err := h.app.cfg.Runtime.Ahead(view.Parent())
	if err != nil {
		return
	}
	decoder := rt.DecoderOver(parent)
	list, sigs := make([]*runtime.Checked, len(raw)), make([]*runtime.SignatureCheck, len(raw))
	for i, x := range raw {
		if i%pool.BreathEvery == 0 {
			goruntime.Gosched()
		}
		c, sig, err := decoder.Decode(x)
		if err != nil || sig == nil {
			continue
		}
		if _, direct := c.Address.ID(); !direct {
			continue // may mean another account by then
		}
		list[i], sigs[i] = c, sig
	}
	for i, ok := range pool.VerifyAll(sigs) {
		if !ok {
			list[i] = nil
		}
	}
	h.extrinsics.put(height, list)
}

// verifiedAhead are extrinsics of one block that have been verified before its
// turn, each at its place.
type verifiedAhead []*runtime.Checked

// at is the extrinsic at place i if it is x and what was found of it holds in
// block height, which a runtime of version spec executes; else nil.
func (v verifiedAhead) at(i int, x []byte, height, spec uint32) *runtime.Checked {
	if i >= len(v) || v[i] == nil || !bytes.Equal(v[i].Raw, x) {
		return nil
	}
	if c := v[i]; c.Spec == spec && c.Extra.Era.Birth(uint64(height)) == c.Birth {
		return c
	}
	return nil // it was looked at in another era or under other rules than the block's
}

// key identifies an extension and everything that its verification depends on.
func (r *extensionRules) key(v *commitVote, round int32, x extendedVote) [32]byte {
	d := sha256.New()
	number(d, uint64(r.height), uint64(round), r.slot.Number, r.slot.Epoch, uint64(len(x.Extension)))
	d.Write(r.slot.Randomness[:])
	if who, ok := r.set.find(v.address); ok {
		d.Write(who.Grandpa[:])
		d.Write(who.Babe[:])
	}
	d.Write(x.Extension)
	d.Write(x.Signature[:])
	d.Write([]byte(r.chainID))
	return [32]byte(d.Sum(nil))
}

// at is what r will be at another height, if validators and epoch stay.
func (r *extensionRules) at(height uint32) extensionRules {
	out := *r
	out.ahead = nil
	out.slot.Number += uint64(height) - uint64(r.height)
	out.height = height
	return out
}

// memory is a map that forgets what was put first. It may be used by several
// goroutines.
type memory[K comparable, V any] struct {
	max int

	mu    sync.Mutex // guards everything below
	items map[K]V
	order []K // from first on, as put; some may have been taken
	first int
}

func (m *memory[K, V]) put(k K, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.items == nil {
		m.items = make(map[K]V)
	}
	if _, ok := m.items[k]; !ok {
		m.order = append(m.order, k)
	}
	m.items[k] = v
	for len(m.order)-m.first > m.max {
		delete(m.items, m.order[m.first])
		m.first++
	}
	if m.first > m.max {
		m.order = append([]K(nil), m.order[m.first:]...)
		m.first = 0
	}
}

// take removes an item.
func (m *memory[K, V]) take(k K) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.items[k]
	delete(m.items, k)
	if len(m.items) == 0 {
		m.items, m.order, m.first = nil, nil, 0
	}
	return v, ok
}
