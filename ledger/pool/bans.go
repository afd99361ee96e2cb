package pool

import (
	"time"

	"github.com/gocess/gocess/primitives/substrate"
)

// ban remembers why an extrinsic was refused, so that sending it again costs
// the pool nothing.
type ban struct {
	until time.Time // refused with 1012 until then, or:
	block uint32    // refused with err while this is the newest block
	err   *Error
}

// banList holds the newest bans; the oldest make room for new ones.
type banList struct {
	max   int
	bans  map[substrate.H256]ban
	order []substrate.H256 // ring of the keys of bans, oldest at start
	start int
}

func (l *banList) add(hash substrate.H256, b ban) {
	if l.bans == nil {
		l.bans = make(map[substrate.H256]ban)
	}
	if _, known := l.bans[hash]; known {
		l.bans[hash] = b
		return
	}
	if len(l.order) < l.max {
		l.order = append(l.order, hash)
	} else {
		delete(l.bans, l.order[l.start])
		l.order[l.start] = hash
		l.start = (l.start + 1) % len(l.order)
	}
	l.bans[hash] = b
}

// note bans an extrinsic for a refusal that no block can lift, and remembers
// the answer until the next block for one that a block might.
func (l *banList) note(hash substrate.H256, err error, block uint32, banTime time.Duration) {
	refused := refusal(err)
	e, ok := refused.(*Error)
	if !ok {
		return
	}
	if dependsOnState(err) {
		l.add(hash, ban{block: block, err: e})
		return
	}
	l.add(hash, ban{until: time.Now().Add(banTime)})
}

func (l *banList) check(hash substrate.H256, block uint32) error {
	b, ok := l.bans[hash]
	switch {
	case !ok:
	case b.err != nil:
		if b.block == block {
			return b.err
		}
	case time.Now().Before(b.until):
		return temporarilyBanned()
	}
	return nil
}
