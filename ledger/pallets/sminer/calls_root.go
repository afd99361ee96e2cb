package sminer

import (
	"math/bits"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// UpdateExpender changes the shape of the PoIS graph; for Root. Idle files made
// for the old one become worthless.
type UpdateExpender struct {
	K uint64 `type:"u64"`
	N uint64 `type:"u64"`
	D uint64 `type:"u64"`
}

// Dispatch emits no event. It returns Unexpected for a graph without nodes,
// from which nothing could be challenged.
func (c UpdateExpender) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	e := Expender(c)
	if !e.valid() {
		return ErrUnexpected
	}
	Expenders.Put(ctx, e)
	return nil
}

// valid says whether nodes of the graph can be numbered and drawn: there are
// some, and the labels of the last layer, up to N·(D+1), fit 64 bits.
func (e Expender) valid() bool {
	if e.K == 0 || e.N == 0 || e.D == 0 || e.D == ^uint64(0) {
		return false
	}
	over, _ := bits.Mul64(e.N, e.D+1)
	return over == 0
}

// ClearMinerService makes the service books of a miner those of the fragments
// that it is listed with; for Root.
type ClearMinerService struct {
	Miner substrate.AccountID `type:"AccountOf<T>"`
}

// Dispatch emits no event. It counts the miner's list anew: a miner without
// fragments has neither service space nor a filter afterwards. Upstream zeroes
// both, whatever the miner stores, and then none of its files can be deleted or
// restored any more. It returns ConversionError for an account that is no miner,
// and StateError for one that left, of which others restore the fragments.
func (c ClearMinerService) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return Miners.Mutate(ctx, c.Miner, ErrConversion, func(m *Miner) error {
		if m.left() {
			return ErrState
		}
		m.ServiceSpace, m.ServiceBloomFilter = scale.U128{}, types.BloomFilter{}
		if use.Fragments == nil {
			return nil
		}
		for digest, copies := range use.Fragments.All(ctx, c.Miner) {
			space := scale.U128From64(types.FragmentSize).SaturatingMul(scale.U128From64(uint64(copies)))
			if err := grow(&m.ServiceSpace, space); err != nil {
				return err
			}
			for range copies {
				if err := m.ServiceBloomFilter.Insert(types.HashOf(digest)); err != nil {
					return ErrBloomElemPush
				}
			}
		}
		return nil
	})
}
