package historical

import (
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
)

// Window says how far back offences can be punished.
type Window interface {
	// FirstBondedSession is the first session whose offences still count.
	FirstBondedSession(ctx *runtime.Context) uint32
}

// window is set by Wire.
var window Window

// Wire names what this pallet uses of others.
func Wire(w Window) { window = w }

// Sessions commits to the validators of each session when they are queued.
var Sessions = session.Handler{NewSession: newSession}

func newSession(ctx *runtime.Context, _ bool, current, queued []session.ValidatorKeys) {
	now := session.CurrentIndex.Get(ctx)
	if _, ok := Commitments.Get(ctx, now); !ok {
		record(ctx, now, current)
	}
	record(ctx, now+1, queued)
	r, ok := StoredRange.Get(ctx)
	if !ok {
		r.First = now
	}
	r.End = now + 2
	for first := window.FirstBondedSession(ctx); r.First < min(first, now); r.First++ {
		Commitments.Delete(ctx, r.First)
	}
	StoredRange.Put(ctx, r)
}

// record hashes SCALE(Vec<(AccountId, SessionKeys)>) with blake2-256.
func record(ctx *runtime.Context, index uint32, validators []session.ValidatorKeys) {
	Commitments.Put(ctx, index, Commitment{
		Root:  crypto.Blake2b256(scale.MustMarshal(validators)),
		Count: uint32(len(validators)),
	})
}
