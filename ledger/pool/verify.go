package pool

import (
	goruntime "runtime"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
)

// BreathEvery is after how many extrinsics work that may wait lets others run, a
// fraction of a millisecond: whoever executes blocks has been found to wait ten
// for a processor.
const BreathEvery = 32

// VerifyAll verifies signatures together, which costs about half of verifying
// them one by one. A nil check counts as valid.
func VerifyAll(sigs []*runtime.SignatureCheck) []bool {
	each := make([]bool, len(sigs))
	places := make([]int, 0, len(sigs))
	b := crypto.NewBatch(len(sigs))
	for i, s := range sigs {
		if s == nil {
			each[i] = true
			continue
		}
		if i%BreathEvery == 0 {
			goruntime.Gosched()
		}
		b.AddAccount(s.Scheme, s.Account, s.Message, s.Signature)
		places = append(places, i)
	}
	if len(places) == 0 {
		return each
	}
	_, valid := b.Verify()
	for k, i := range places {
		each[i] = valid[k]
	}
	return each
}

// shed drops the submissions of batch that a full pool has no place for, before
// their signatures cost anything. Without it a flood would be verified for
// nothing.
func (p *Pool) shed(h *head, batch []*job, sigs []*runtime.SignatureCheck) {
	if !p.full() {
		return
	}
	p.validate(h, batch)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.evict) == 0 {
		return
	}
	cheapest := p.evict[0].last()
	for i, j := range batch {
		if j.bad || j.err != nil || !cheapest.isReady || j.valid.Priority > cheapest.priority {
			continue
		}
		if l := p.lanes[j.checked.Signer]; l != nil {
			if _, taken := l.find(j.checked.Extra.Nonce); taken {
				continue // it would take another one's place
			}
		}
		j.bad, j.err, sigs[i] = true, immediatelyDropped(), nil
	}
}

// full says that another extrinsic of usual size would need room.
func (p *Pool) full() bool {
	const usualSize = 256 // bytes
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.byHash) >= p.opts.maxCount || p.bytes+usualSize > p.opts.maxBytes
}
