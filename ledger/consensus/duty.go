package consensus

import (
	"bytes"
	"encoding/hex"
	"sync"
	"time"

	"github.com/cometbft/cometbft/types"
)

// Duty is what the node does as a validator. Counts begin when the node starts
// and leave out blocks that it fetched.
type Duty struct {
	// Voting says that a key of the node decides the next block.
	Voting bool
	// Validator is who that key belongs to, or who the node voted for last.
	Validator Authority
	// Height and Round are what the node voted in last; a round above 0 means
	// that proposers were silent or votes late.
	Height uint32
	Round  int32
	// Signed and Missed count decided blocks for which the node's vote arrived
	// in time, or did not.
	Signed, Missed uint64
	// LastSigned and LastMissed are the newest such blocks, 0 for none.
	LastSigned, LastMissed uint32
	// Foreign counts votes of the node's key that this node has not signed:
	// another node runs with the key, and both will be punished when their
	// votes differ. LastForeign is the newest such block.
	Foreign     uint64
	LastForeign uint32
	// Contributed is how many validators had a part in the randomness of the
	// newest block, out of Validators that decided the block before it.
	Contributed, Validators int
	// BlockTime is the interval between the newest two blocks.
	BlockTime time.Duration
}

// duties keeps Duty up to date.
type duties struct {
	mu   sync.Mutex
	duty Duty
}

func (d *duties) get() Duty {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.duty
}

// appoint notes who of set the node votes for next.
func (d *duties) appoint(set authorities, current address) {
	d.mu.Lock()
	defer d.mu.Unlock()
	me, voting := set.find(current)
	if d.duty.Voting = voting; voting {
		d.duty.Validator = me
	}
}

// attend looks at a block that is about to be committed, and for the node's
// votes on the block before it.
func (a *app) attend(c *candidate) {
	set := a.record.deciding(0)
	a.duties.block(c, len(set), a.record.TimeMs)
	a.attendVotes(c.block.Number-1, set)
}

func (d *duties) block(c *candidate, validators int, parentMs uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.duty.Contributed, d.duty.Validators = c.contributed, validators
	if d.duty.BlockTime = 0; parentMs > 0 { // genesis has no time
		d.duty.BlockTime = time.Duration(c.record.TimeMs-parentMs) * time.Millisecond
	}
}

// attendVotes looks for the node's votes in the commit of a block that set
// decided.
func (a *app) attendVotes(height uint32, set authorities) {
	if height == 0 || a.lastCommit == nil || a.catchingUp != nil && a.catchingUp() {
		return
	}
	var commit *types.Commit
	for _, v := range set {
		who := addressOf(v.Grandpa)
		if !a.signer.holds(who) {
			continue
		}
		if commit == nil {
			if commit = a.lastCommit(height); commit == nil {
				return
			}
		}
		a.duties.record(height, v, who, commit, a)
	}
}

func (d *duties) record(height uint32, v Authority, who address, commit *types.Commit, a *app) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, vote := range commit.Signatures {
		if vote.BlockIDFlag == types.BlockIDFlagAbsent || !bytes.Equal(vote.ValidatorAddress, who[:]) {
			continue
		}
		d.duty.Signed++
		d.duty.LastSigned = height
		if a.signer.foreign(who, height, vote.Signature) {
			d.duty.Foreign++
			d.duty.LastForeign = height
			a.log.Error("another node votes with the key of this one; stop one of them now, or the validator will be punished",
				"height", height, "key", hex.EncodeToString(v.Grandpa[:]), "stash", v.Account)
		}
		return
	}
	d.duty.Missed++
	d.duty.LastMissed = height
	a.log.Warn("the vote of this node came too late", "height", height, "stash", v.Account, "missed", d.duty.Missed)
}

// Duty reports what the node does as a validator.
func (n *Node) Duty() Duty {
	d := n.app.duties.get()
	d.Height, d.Round = n.app.signer.lastVote()
	return d
}

// Deciding lists the validators that decide the next block, whose votes count:
// one that was caught cheating is in Session.Validators and not here.
func (n *Node) Deciding() []Authority {
	n.app.mu.Lock()
	defer n.app.mu.Unlock()
	return append([]Authority(nil), n.app.record.deciding(1)...)
}
