package pool

import (
	"context"
	"fmt"

	"github.com/gocess/gocess/ledger/runtime"
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

func (p *Pool) validate(h *head, batch []*job) {
	for _, j := range batch {
		if j.bad {
			continue
		}
		j.valid, j.err = p.machine.Validate(h.parent, j.checked)
	}
}
