package pool

import (
	"context"
	"fmt"
	"math"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// job is one submission on its way through a worker.
type job struct {
	raw   []byte
	hash  substrate.H256
	watch bool
	reply chan<- verdict // buffered; nil when nobody waits

	checked *runtime.Checked
	bad     bool // it does not decode, or its signature is wrong
	valid   runtime.ValidTransaction
	err     error
}

// verdict is what became of a submission.
type verdict struct {
	watch *Watch
	err   error
}

// Submit decodes, verifies and pools an extrinsic, given with its length
// prefix. The pool keeps raw. Refusals are *Error; see there for the codes. It
// waits while the queue is full and gives up with ctx; an extrinsic that was
// queued by then may still enter the pool.
func (p *Pool) Submit(ctx context.Context, raw []byte) (substrate.H256, error) {
	hash, _, err := p.submit(ctx, raw, false)
	return hash, err
}

// SubmitAndWatch is Submit with a stream of what happens to the extrinsic.
func (p *Pool) SubmitAndWatch(ctx context.Context, raw []byte) (*Watch, error) {
	_, w, err := p.submit(ctx, raw, true)
	return w, err
}

func (p *Pool) submit(ctx context.Context, raw []byte, watch bool) (substrate.H256, *Watch, error) {
	hash := runtime.ExtrinsicHash(raw)
	if err := p.precheck(raw, hash); err != nil {
		return hash, nil, err
	}
	if err := p.room.Acquire(ctx, int64(len(raw))); err != nil {
		return hash, nil, fmt.Errorf("submit extrinsic: %w", err)
	}
	reply := make(chan verdict, 1)
	select {
	case p.jobs <- &job{raw: raw, hash: hash, watch: watch, reply: reply}:
	case <-ctx.Done():
		p.room.Release(int64(len(raw)))
		return hash, nil, fmt.Errorf("submit extrinsic: %w", ctx.Err())
	case <-p.ctx.Done():
		p.room.Release(int64(len(raw)))
		return hash, nil, ErrClosed
	}
	select {
	case v := <-reply:
		return hash, v.watch, v.err
	case <-ctx.Done():
		return hash, nil, fmt.Errorf("submit extrinsic: %w", ctx.Err())
	case <-p.ctx.Done():
		return hash, nil, ErrClosed
	}
}

// Offer takes an extrinsic from a peer, without waiting for the outcome. It
// returns false when the queue is full or the pool closed: the peer's
// extrinsic is lost to this node until somebody sends it again.
func (p *Pool) Offer(raw []byte) bool {
	hash := runtime.ExtrinsicHash(raw)
	if p.precheck(raw, hash) != nil {
		return true // known or refused: nothing to retry
	}
	if p.ctx.Err() != nil || !p.room.TryAcquire(int64(len(raw))) {
		return false
	}
	select {
	case p.jobs <- &job{raw: raw, hash: hash}:
		return true
	default:
		p.room.Release(int64(len(raw)))
		return false
	}
}

// precheck refuses what needs no decoding to refuse.
func (p *Pool) precheck(raw []byte, hash substrate.H256) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	if len(raw) > p.opts.maxBytes || len(raw) > p.opts.queueBytes {
		return invalid(substrate.InvalidExhaustsResources)
	}
	return p.refused(hash)
}

// refused says whether an extrinsic is pooled or banned already.
func (p *Pool) refused(hash substrate.H256) error {
	if p.byHash[hash] != nil {
		return alreadyImported(hash)
	}
	return p.bans.check(hash, p.head.number)
}

// work takes submissions in batches and runs them through the pool.
func (p *Pool) work() {
	for {
		select {
		case <-p.ctx.Done():
			return
		case first := <-p.jobs:
			batch := p.drain(first)
			p.process(batch)
			for _, j := range batch {
				p.room.Release(int64(len(j.raw)))
			}
		}
	}
}

// drain collects what waits already, up to a batch.
func (p *Pool) drain(first *job) []*job {
	batch := []*job{first}
	for len(batch) < p.opts.batch {
		select {
		case j := <-p.jobs:
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

func (p *Pool) process(batch []*job) {
	h := p.acquireHead()
	p.decode(h, batch)
	for attempt := 0; ; attempt++ {
		p.validate(h, batch)
		p.mu.Lock()
		if h == p.head || attempt == 2 {
			break
		}
		// A block came in between: what was true of its parent's state may be
		// wrong now. After two such blocks validate while no third can come.
		next := p.acquireHeadLocked()
		p.mu.Unlock()
		h.release()
		h = next
	}
	if h != p.head {
		h.release()
		h = p.acquireHeadLocked()
		p.validate(h, batch)
	}
	verdicts := make([]verdict, len(batch))
	for i, j := range batch {
		verdicts[i] = p.admit(j)
	}
	p.mu.Unlock()
	h.release()
	for i, j := range batch {
		if j.reply != nil {
			j.reply <- verdicts[i]
		}
	}
}

// decode fills in the checked extrinsics of batch and verifies the signatures
// of all of them together.
func (p *Pool) decode(h *head, batch []*job) {
	sigs := make([]*runtime.SignatureCheck, len(batch))
	for i, j := range batch {
		j.checked, sigs[i], j.err = p.machine.Decode(h.parent, j.raw)
		j.bad = j.err != nil
	}
	p.shed(h, batch, sigs)
	for i, ok := range VerifyAll(sigs) {
		if j := batch[i]; !j.bad && !ok {
			j.bad, j.err = true, substrate.InvalidBadProof
		}
	}
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

// VerifyAll verifies signatures together, which costs about half of verifying
// them one by one. A nil check counts as valid.
func VerifyAll(sigs []*runtime.SignatureCheck) []bool {
	each := make([]bool, len(sigs))
	places := make([]int, 0, len(sigs))
	b := crypto.NewBatch()
	for i, s := range sigs {
		if s == nil {
			each[i] = true
			continue
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

func (p *Pool) validate(h *head, batch []*job) {
	for _, j := range batch {
		if j.bad {
			continue
		}
		j.valid, j.err = p.machine.Validate(h.parent, j.checked)
	}
}

// admit puts a validated submission into its lane. p.mu is held and the
// submission was validated against p.head.
func (p *Pool) admit(j *job) verdict {
	if p.closed {
		return verdict{err: ErrClosed}
	}
	if err := p.refused(j.hash); err != nil {
		return verdict{err: err}
	}
	if isDrop(j.err) {
		return verdict{err: j.err}
	}
	if j.err != nil {
		p.bans.note(j.hash, j.err, p.head.number, p.opts.banTime)
		return verdict{err: refusal(j.err)}
	}
	e := &entry{
		checked:  j.checked,
		priority: j.valid.Priority,
		seenAt:   p.head.number,
		expires:  expiryOf(p.head.number, j.valid.Longevity),
	}
	if j.watch {
		e.track = newTracker()
	}
	if err := p.insert(e, j.valid.Expected); err != nil {
		return verdict{err: err}
	}
	v := verdict{}
	if j.watch {
		v.watch = &Watch{Hash: j.hash, track: e.track}
	}
	return v
}

// expiryOf is the first block that may not include an extrinsic which is valid
// for longevity blocks from the one after number on; 0 when there is none.
func expiryOf(number uint32, longevity uint64) uint32 {
	if longevity >= math.MaxUint32-uint64(number)-1 {
		return 0
	}
	return number + 1 + uint32(longevity)
}

// insert links e into the pool or says why it cannot. expected is the account's
// nonce in state.
func (p *Pool) insert(e *entry, expected uint32) error {
	l := p.lanes[e.checked.Signer]
	if l == nil {
		l = &lane{account: e.checked.Signer, next: expected, index: -1}
	} else {
		p.advanceLane(l, expected, stale)
		l = p.laneAgain(l, expected)
	}
	e.lane = l
	if e.nonce() < l.next {
		return invalid(substrate.InvalidStale)
	}
	i, taken := l.find(e.nonce())
	if taken {
		return p.replace(e, l, i)
	}
	fits := i == l.ready && e.nonce() == l.next+uint32(i)
	if len(l.entries) >= p.opts.maxPerAccount || !fits && len(l.entries)-l.ready >= p.opts.maxFuture {
		return immediatelyDropped()
	}
	p.arrival++
	e.arrival = p.arrival
	if err := p.makeRoom(e, l, fits); err != nil {
		return err
	}
	if i, _ = l.find(e.nonce()); len(l.entries) == 0 {
		p.lanes[l.account] = l
	}
	l.entries = append(l.entries, nil)
	copy(l.entries[i+1:], l.entries[i:])
	l.entries[i] = e
	p.link(e)
	if !fits {
		e.track.add(Status{Kind: Future})
	}
	p.settle(l, min(i, l.ready))
	return nil
}

// laneAgain returns l, or a fresh lane when advancing emptied and dropped l.
func (p *Pool) laneAgain(l *lane, next uint32) *lane {
	if len(l.entries) > 0 {
		return l
	}
	return &lane{account: l.account, next: max(l.next, next), index: -1}
}

// link enters e into the indices of the pool.
func (p *Pool) link(e *entry) {
	p.byHash[e.checked.Hash] = e
	p.bytes += len(e.checked.Raw)
	p.oldest.pushBack(e)
	if e.expires != 0 {
		late := p.expiry[e.expires]
		if late == nil {
			late = make(map[*entry]struct{})
			p.expiry[e.expires] = late
		}
		late[e] = struct{}{}
	}
}

// replace puts e in the place of an extrinsic with the same nonce, if it pays
// strictly more.
func (p *Pool) replace(e *entry, l *lane, i int) error {
	old := l.entries[i]
	if e.priority <= old.priority {
		return priorityTooLow(old.priority, e.priority)
	}
	if p.bytes-len(old.checked.Raw)+len(e.checked.Raw) > p.opts.maxBytes {
		return immediatelyDropped()
	}
	p.arrival++
	e.arrival = p.arrival
	p.unlink(old, Status{Kind: Usurped, By: e.checked.Hash})
	l.entries[i] = e
	p.link(e)
	if i < l.ready {
		p.markReady(e, true)
	} else {
		e.track.add(Status{Kind: Future})
	}
	p.fixLane(l)
	return nil
}

// stale is what becomes of an extrinsic whose nonce another one used.
func stale(*entry) Status { return Status{Kind: Invalid} }
