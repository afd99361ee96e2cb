package sminer

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// API is what other pallets may do with miners. Spaces are in bytes, amounts
// in planck. An error leaves everything as it was.
type API struct{}

// State is the state of a miner, or NotMiner.
func (API) State(ctx *runtime.Context, who substrate.AccountID) (string, error) {
	m, ok := Miners.Get(ctx, who)
	if !ok {
		return "", ErrNotMiner
	}
	return string(m.State), nil
}

// AllMiners are the miners that can be challenged, in order of registration.
func (API) AllMiners(ctx *runtime.Context) []substrate.AccountID { return AllMiners.Get(ctx) }

// Snapshot is what a challenge of the miner is about: its idle and service
// space, its fragments, its idle files and the TEE's signature over those. It
// returns NotMiner, or Unexpected before the PoIS key is registered.
func (API) Snapshot(ctx *runtime.Context, who substrate.AccountID) (idle, service scale.U128, filter types.BloomFilter, info types.SpaceProofInfo, sig types.TEESignature, err error) {
	m, ok := Miners.Get(ctx, who)
	if !ok {
		err = ErrNotMiner
		return
	}
	if info, ok = m.SpaceProofInfo.Get(); !ok {
		err = ErrUnexpected
		return
	}
	return m.IdleSpace, m.ServiceSpace, m.ServiceBloomFilter, info, m.TEESignature, nil
}

// ExpenderOf is the shape of the PoIS graph; zeros if it is not set.
func (API) ExpenderOf(ctx *runtime.Context) (k, n, d uint64) {
	e, _ := Expenders.Get(ctx)
	return e.K, e.N, e.D
}

// IdleFileSize is the size of one idle file in bytes.
func (API) IdleFileSize(ctx *runtime.Context) uint64 { return IdleFileSize.Get(ctx) }

// Leaving says whether others restore the fragments of a miner.
func (API) Leaving(ctx *runtime.Context, who substrate.AccountID) bool {
	return RestoralTargets.Contains(ctx, who)
}

// RestoralTarget is what others restore of a miner that left.
func (API) RestoralTarget(ctx *runtime.Context, who substrate.AccountID) (RestoralTarget, bool) {
	return RestoralTargets.Get(ctx, who)
}

// StoredSpace is the size of the fragments of all files, in bytes: what miners
// in service keep, tagged or not, and what others have still to restore of
// those that left.
func (API) StoredSpace(ctx *runtime.Context) (sum scale.U128) {
	for who, m := range Miners.Iter(ctx) {
		if m.left() {
			continue
		}
		kept := m.ServiceSpace.SaturatingAdd(m.LockSpace).SaturatingSub(use.Deals.LockedInDeals(ctx, who))
		sum = sum.SaturatingAdd(kept)
	}
	for _, t := range RestoralTargets.Iter(ctx) {
		sum = sum.SaturatingAdd(t.ServiceSpace.SaturatingSub(t.RestoredSpace))
	}
	return sum
}

// AddRestored notes that fragments of a leaving miner need no restoring any
// more.
func (API) AddRestored(ctx *runtime.Context, who substrate.AccountID, bytes scale.U128) error {
	return RestoralTargets.Mutate(ctx, who, ErrNotExisted, func(t *RestoralTarget) error {
		return grow(&t.RestoredSpace, bytes)
	})
}

// AddFragments notes fragments with a tag: in the filter that counts them, and
// in the list of their names.
func (API) AddFragments(ctx *runtime.Context, who substrate.AccountID, fragments []types.Hash) error {
	if len(fragments) == 0 {
		return nil
	}
	return ctx.Transaction(func() error {
		if use.Fragments != nil {
			if err := use.Fragments.Add(ctx, who, fragments); err != nil {
				return err
			}
		}
		return count(ctx, who, fragments, (*types.BloomFilter).Insert)
	})
}

// ForgetFragments undoes AddFragments. It returns BloomElemPushError when the
// filter does not count one of them.
func (API) ForgetFragments(ctx *runtime.Context, who substrate.AccountID, fragments []types.Hash) error {
	if len(fragments) == 0 {
		return nil
	}
	return ctx.Transaction(func() error {
		if err := count(ctx, who, fragments, (*types.BloomFilter).Delete); err != nil {
			return err
		}
		if use.Fragments == nil {
			return nil
		}
		return use.Fragments.Remove(ctx, who, fragments)
	})
}

func count(ctx *runtime.Context, who substrate.AccountID, fragments []types.Hash, step func(*types.BloomFilter, types.Hash) error) error {
	return Miners.Mutate(ctx, who, ErrNotMiner, func(m *Miner) error {
		for _, f := range fragments {
			if err := step(&m.ServiceBloomFilter, f); err != nil {
				return ErrBloomElemPush
			}
		}
		return nil
	})
}
