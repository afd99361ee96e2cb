package pool

import "github.com/gocess/gocess/ledger/runtime"

// revalidateLoop validates some of the pool again after each block.
func (p *Pool) revalidateLoop() {
	for {
		select {
		case <-p.ctx.Done():
			return
		case <-p.wakeup:
			p.revalidate()
		}
	}
}

// recheckChunk is how many entries are validated between two looks at whether
// the pool closed.
const recheckChunk = 64

// revalidate takes the entries that were validated longest ago and validates
// them against the newest block.
func (p *Pool) revalidate() {
	for left := p.opts.recheck; left > 0 && p.ctx.Err() == nil; left -= recheckChunk {
		h, chunk := p.oldestEntries(min(left, recheckChunk))
		if len(chunk) == 0 {
			h.release()
			return
		}
		valid := make([]runtime.ValidTransaction, len(chunk))
		errs := make([]error, len(chunk))
		for i, e := range chunk {
			valid[i], errs[i] = p.machine.Validate(h.parent, e.checked)
		}
		p.mu.Lock()
		current := h == p.head
		for i, e := range chunk {
			if current && !e.gone {
				p.judge(e, valid[i], errs[i])
			}
		}
		p.mu.Unlock()
		h.release()
		if !current {
			return // a newer block has its own round
		}
	}
}

// oldestEntries takes up to n entries that were not validated against the
// newest block and moves them to the end of the queue.
func (p *Pool) oldestEntries(n int) (*head, []*entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var chunk []*entry
	for len(chunk) < n {
		e := p.oldest.front()
		if e == nil || e.seenAt == p.head.number {
			break
		}
		p.oldest.remove(e)
		p.oldest.pushBack(e)
		e.seenAt = p.head.number
		chunk = append(chunk, e)
	}
	return p.acquireHeadLocked(), chunk
}

// judge applies a fresh verdict to an entry.
func (p *Pool) judge(e *entry, valid runtime.ValidTransaction, err error) {
	if err != nil {
		p.bans.note(e.checked.Hash, err, p.head.number, p.opts.banTime)
		p.discard(e, Status{Kind: Invalid})
		return
	}
	p.advanceLane(e.lane, valid.Expected, stale)
	if !e.gone && e.isReady && e.told && p.head.number-e.toldAt >= p.opts.reannounce {
		p.announceLater(e)
	}
}
