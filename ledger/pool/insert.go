package pool

import (
	"math"

	"github.com/gocess/gocess/primitives/substrate"
)

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
