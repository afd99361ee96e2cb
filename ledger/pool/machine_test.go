package pool

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// ledger is a small state machine: accounts have a nonce and may be unable to
// pay; extrinsics say who, which nonce, how much tip and until which block.
// State is versioned by block, as the real one is.
type ledger struct {
	mu     sync.Mutex // guards everything below
	number uint32
	nonces []map[substrate.AccountID]uint32 // by block
	broke  map[substrate.AccountID]bool
	opened int // views that are not closed
}

func newLedger() *ledger {
	return &ledger{nonces: []map[substrate.AccountID]uint32{{}}, broke: map[substrate.AccountID]bool{}}
}

// extrinsic is the wire form of the test machine:
// signer u8 ‖ nonce u32 ‖ tip u64 ‖ last block u32 (0 = any) ‖ padding.
type extrinsic struct {
	signer byte
	nonce  uint32
	tip    uint64
	death  uint32 // first block that may not include it, 0 = never
	pad    int
}

func (x extrinsic) raw() []byte {
	b := binary.LittleEndian.AppendUint32([]byte{x.signer}, x.nonce)
	b = binary.LittleEndian.AppendUint64(b, x.tip)
	b = binary.LittleEndian.AppendUint32(b, x.death)
	return append(b, make([]byte, x.pad)...)
}

func (x extrinsic) hash() substrate.H256 { return runtime.ExtrinsicHash(x.raw()) }

func (x extrinsic) account() substrate.AccountID { return substrate.AccountID{x.signer} }

const badSigner = 0xff // its extrinsics have a bad signature

func parse(raw []byte) (extrinsic, error) {
	if len(raw) < 17 {
		return extrinsic{}, runtime.ErrExtrinsicFormat
	}
	return extrinsic{
		signer: raw[0], nonce: binary.LittleEndian.Uint32(raw[1:]),
		tip: binary.LittleEndian.Uint64(raw[5:]), death: binary.LittleEndian.Uint32(raw[13:]), pad: len(raw) - 17,
	}, nil
}

// Decode implements Machine.
func (l *ledger) Decode(_ runtime.Parent, raw []byte) (*runtime.Checked, *runtime.SignatureCheck, error) {
	x, err := parse(raw)
	if err != nil {
		return nil, nil, err
	}
	if x.signer == badSigner {
		return nil, nil, substrate.InvalidBadProof
	}
	return &runtime.Checked{
		Raw: raw, Hash: x.hash(), Signer: x.account(),
		Extra: runtime.Extra{Nonce: x.nonce, Tip: scale.U128From64(x.tip)},
	}, nil, nil
}

// Validate implements Machine.
func (l *ledger) Validate(at runtime.Parent, c *runtime.Checked) (runtime.ValidTransaction, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	x, err := parse(c.Raw)
	if err != nil {
		return runtime.ValidTransaction{}, err
	}
	expected := l.nonces[at.Number][c.Signer]
	switch {
	case x.death != 0 && at.Number+1 >= x.death:
		return runtime.ValidTransaction{}, substrate.InvalidAncientBirthBlock
	case x.nonce < expected:
		return runtime.ValidTransaction{}, substrate.InvalidStale
	case l.broke[c.Signer]:
		return runtime.ValidTransaction{}, substrate.InvalidPayment
	}
	longevity := uint64(math.MaxUint64)
	if x.death != 0 {
		longevity = uint64(x.death - at.Number - 1)
	}
	return runtime.ValidTransaction{Priority: x.tip, Nonce: x.nonce, Expected: expected, Longevity: longevity}, nil
}

// block includes extrinsics and returns the block for Advance.
func (l *ledger) block(included ...*runtime.Checked) Block {
	l.mu.Lock()
	next := make(map[substrate.AccountID]uint32)
	for a, n := range l.nonces[l.number] {
		next[a] = n
	}
	for _, c := range included {
		next[c.Signer] = max(next[c.Signer], c.Extra.Nonce+1)
	}
	l.nonces = append(l.nonces, next)
	l.number++
	l.mu.Unlock()
	return Block{View: l.view(), Included: included}
}

func (l *ledger) nonce(a substrate.AccountID) uint32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.nonces[l.number][a]
}

func (l *ledger) setBroke(a substrate.AccountID, broke bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broke[a] = broke
}

func (l *ledger) view() *ledgerView {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.opened++
	return &ledgerView{ledger: l, number: l.number}
}

type ledgerView struct {
	ledger *ledger
	number uint32
	closed bool
}

func (v *ledgerView) Parent() runtime.Parent {
	return runtime.Parent{Number: v.number, Hash: blockHash(v.number)}
}

func (v *ledgerView) Close() error {
	v.ledger.mu.Lock()
	defer v.ledger.mu.Unlock()
	if v.closed {
		return errors.New("view closed twice")
	}
	v.closed = true
	v.ledger.opened--
	return nil
}

func blockHash(number uint32) substrate.H256 {
	return substrate.H256{0xb1, 0x0c, byte(number), byte(number >> 8)}
}

// newTestPool is a pool over a fresh ledger. Closing it must give back all
// views.
func newTestPool(t testing.TB, opts ...Option) (*Pool, *ledger) {
	l := newLedger()
	p := New(l, l.view(), opts...)
	t.Cleanup(func() {
		p.Close()
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.opened != 0 {
			t.Errorf("%d views are open after Close", l.opened)
		}
	})
	return p, l
}

// check verifies the pool's bookkeeping from scratch.
func (p *Pool) check() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	bytes, ready, count, listed, mortal := 0, 0, 0, 0, 0
	for account, l := range p.lanes {
		if len(l.entries) == 0 || l.account != account || p.evict[l.index] != l {
			return errors.New("a lane is empty or in the wrong place")
		}
		if l.ready != l.countReady(0) {
			return errors.New("a lane's ready part is wrong")
		}
		for i, e := range l.entries {
			if e.isReady != (i < l.ready) || e.gone || e.lane != l || p.byHash[e.checked.Hash] != e {
				return errors.New("an entry is in the wrong state")
			}
			if e.nonce() < l.next || i > 0 && l.entries[i-1].nonce() >= e.nonce() {
				return errors.New("a lane is out of order")
			}
			if e.expires != 0 {
				mortal++
			}
			bytes += len(e.checked.Raw)
		}
		count += len(l.entries)
		ready += l.ready
	}
	for e := p.oldest.root.next; e != &p.oldest.root; e = e.next {
		listed++
	}
	for _, late := range p.expiry {
		mortal -= len(late)
	}
	if bytes != p.bytes || ready != p.ready || count != len(p.byHash) || count != listed || mortal != 0 || len(p.evict) != len(p.lanes) {
		return errors.New("the counters are wrong")
	}
	if count > p.opts.maxCount || bytes > p.opts.maxBytes {
		return errors.New("the pool is over its limits")
	}
	for i := range p.evict {
		for _, child := range []int{2*i + 1, 2*i + 2} {
			if child < len(p.evict) && p.evict.Less(child, i) {
				return errors.New("the eviction heap is out of order")
			}
		}
	}
	return nil
}

// nonces lists what a block would take, as signer and nonce.
func reaped(p *Pool) [][2]uint32 {
	var out [][2]uint32
	for _, c := range p.Reap(math.MaxInt, math.MaxInt) {
		out = append(out, [2]uint32{uint32(c.Signer[0]), c.Extra.Nonce})
	}
	return out
}

func sameOrder(a, b [][2]uint32) bool { return slices.Equal(a, b) }
