package r2s

import (
	"crypto/sha256"
	"slices"

	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// KeyHolder is a validator by its consensus address: the first 20 bytes of the
// SHA-256 hash of its grandpa key (spec/consensus.md §9.1).
type KeyHolder struct {
	Address [20]byte
	Stash   substrate.AccountID
}

// Exclusion says that consensus takes no votes of a validator in an era.
type Exclusion struct {
	Stash substrate.AccountID
	Era   uint32
}

// Storage: who decided which blocks, as far back as offences are punished.
var (
	// KeySets are the validators of sessions, by the first of the sessions that
	// had these.
	KeySets = runtime.NewMap[uint32, []KeyHolder](name, "KeySets", runtime.Twox64Concat)

	// KeySetStarts are the keys of KeySets, ascending.
	KeySetStarts = runtime.NewValue[[]uint32](name, "KeySetStarts")

	// Exclusions are the validators without votes in the running era.
	Exclusions = runtime.NewValue[[]Exclusion](name, "Exclusions")
)

// EraBook knows eras by their sessions.
type EraBook interface {
	ActiveEra(ctx *runtime.Context) uint32
	// EraOfSession is the era of a session, the next one included.
	EraOfSession(ctx *runtime.Context, session uint32) (uint32, bool)
	// FirstBondedSession is the first session whose offences are punished.
	FirstBondedSession(ctx *runtime.Context) uint32
}

// EpochBook knows the sessions of blocks.
type EpochBook interface {
	// EpochOf is the epoch of a block, which is at least 1.
	EpochOf(ctx *runtime.Context, block uint32) uint64
}

// Set by WireKeyHistory.
var (
	eraBook   EraBook
	epochBook EpochBook
)

// WireKeyHistory names what the history of keys uses of other pallets.
func WireKeyHistory(eras EraBook, epochs EpochBook) { eraBook, epochBook = eras, epochs }

// KeyHistory records the validators of each session.
var KeyHistory = session.Handler{NewSession: recordKeys}

func recordKeys(ctx *runtime.Context, _ bool, current, _ []session.ValidatorKeys) {
	set := make([]KeyHolder, len(current))
	for i, v := range current {
		sum := sha256.Sum256(v.Keys.Grandpa[:])
		set[i] = KeyHolder{Address: [20]byte(sum[:20]), Stash: v.Validator}
	}
	starts := KeySetStarts.Get(ctx)
	known := len(starts) > 0 && slices.Equal(KeySets.Get(ctx, starts[len(starts)-1]), set)
	if !known {
		now := session.CurrentIndex.Get(ctx)
		KeySets.Put(ctx, now, set)
		starts = append(starts, now)
	}
	first := eraBook.FirstBondedSession(ctx)
	for len(starts) > 1 && starts[1] <= first {
		KeySets.Delete(ctx, starts[0])
		starts = starts[1:]
	}
	KeySetStarts.Put(ctx, starts)
	era := eraBook.ActiveEra(ctx)
	if list := Exclusions.Get(ctx); len(list) > 0 {
		Exclusions.Put(ctx, slices.DeleteFunc(list, func(x Exclusion) bool { return x.Era < era }))
	}
}

// HolderAt finds the validator that decided a block with the key of a consensus
// address, the block's session and how many validators it has. false if that is
// too long ago, or there was none.
func (API) HolderAt(ctx *runtime.Context, address [20]byte, block uint32) (stash substrate.AccountID, index, validators uint32, ok bool) {
	if block == 0 {
		return stash, 0, 0, false
	}
	index = uint32(epochBook.EpochOf(ctx, block))
	for _, first := range slices.Backward(KeySetStarts.Get(ctx)) {
		if first > index {
			continue
		}
		set := KeySets.Get(ctx, first)
		i := slices.IndexFunc(set, func(h KeyHolder) bool { return h.Address == address })
		if i < 0 {
			break
		}
		return set[i].Stash, index, uint32(len(set)), true
	}
	return stash, index, 0, false
}

// Exclude makes consensus take no more votes of a validator until the era ends:
// its key was proven to sign what contradicts itself. Unlike a slash, which can
// be cancelled, this protects the chain, and therefore spares nobody.
func (API) Exclude(ctx *runtime.Context, stash substrate.AccountID) {
	x := Exclusion{Stash: stash, Era: eraBook.ActiveEra(ctx)}
	if list := Exclusions.Get(ctx); !slices.Contains(list, x) {
		Exclusions.Put(ctx, append(list, x))
	}
}

// IsExcluded says whether consensus takes no votes of a validator in the running
// era.
func (API) IsExcluded(ctx *runtime.Context, stash substrate.AccountID) bool {
	x := Exclusion{Stash: stash, Era: eraBook.ActiveEra(ctx)}
	return slices.Contains(Exclusions.Get(ctx), x)
}

// Excluded are the stashes without votes in a session, which is the running one
// or the next.
func (API) Excluded(ctx *runtime.Context, index uint32) []substrate.AccountID {
	list := Exclusions.Get(ctx)
	if len(list) == 0 {
		return nil
	}
	era, _ := eraBook.EraOfSession(ctx, index)
	var out []substrate.AccountID
	for _, x := range list {
		if x.Era == era {
			out = append(out, x.Stash)
		}
	}
	return out
}
