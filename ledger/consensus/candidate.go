package consensus

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/state"
)

// proposal is a CometBFT block as the application executes it, the same
// whether it is being made, checked or decided.
type proposal struct {
	height   uint32
	time     time.Time
	proposer address
	commit   commit
	// misbehaviours are what CometBFT has verified evidence of.
	misbehaviours []runtime.Misbehaviour
	// txs are the transactions: the votes first, from height 2 on.
	txs [][]byte
}

// fingerprint identifies what execution depends on.
type fingerprint [32]byte

func (p *proposal) fingerprint() fingerprint {
	h := sha256.New()
	number(h, uint64(p.height), uint64(p.time.UnixNano()), uint64(p.commit.round), uint64(len(p.commit.votes)))
	h.Write(p.proposer[:])
	for i := range p.commit.votes {
		v := &p.commit.votes[i]
		h.Write(v.address[:])
		number(h, uint64(v.power), uint64(v.flag))
	}
	number(h, uint64(len(p.misbehaviours)))
	for _, m := range p.misbehaviours {
		number(h, uint64(m.Kind), uint64(m.Height))
		h.Write(m.Address[:])
	}
	for _, tx := range p.txs {
		number(h, uint64(len(tx)))
		h.Write(tx)
	}
	return fingerprint(h.Sum(nil))
}

func number(h hash.Hash, values ...uint64) {
	var b [8]byte
	for _, v := range values {
		binary.LittleEndian.PutUint64(b[:], v)
		h.Write(b[:])
	}
}

// votes splits off the pseudo-transaction, nil at height 1.
func (p *proposal) votes() (votes []byte, extrinsics [][]byte, ok bool) {
	if p.height == 1 {
		return nil, p.txs, true
	}
	if len(p.txs) == 0 {
		return nil, nil, false
	}
	return p.txs[0], p.txs[1:], true
}

// candidate is an executed block that is not committed.
type candidate struct {
	fingerprint fingerprint // of the proposal, once it is kept
	staged      *state.Staged
	block       *chain.Block
	included    []*runtime.Checked
	record      record
	stored      []byte   // the record as it is stored
	commitment  [32]byte // to block and record
	updates     []abci.ValidatorUpdate
	contributed int // validators with a part in the block's randomness
}

// candidates holds the newest executed blocks of one height: a height may have
// several rounds with a proposal each.
type candidates []*candidate

const maxCandidates = 4

// add keeps the execution of the proposal with fingerprint f.
func (cs *candidates) add(f fingerprint, c *candidate) {
	if cs.find(f) != nil {
		return
	}
	c.fingerprint = f
	if len(*cs) == maxCandidates {
		*cs = append((*cs)[:0], (*cs)[1:]...)
	}
	*cs = append(*cs, c)
}

func (cs candidates) find(f fingerprint) *candidate {
	for _, c := range cs {
		if c.fingerprint == f {
			return c
		}
	}
	return nil
}
