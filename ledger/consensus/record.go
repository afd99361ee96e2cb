package consensus

import (
	"fmt"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/primitives/scale"
)

// Keys of this package's side records; chain.Reserved does not claim them.
var (
	recordKey  = []byte("Crecord")
	genesisKey = []byte("Cgenesis") // identity
)

// record is what consensus remembers about block n besides the state. It is
// written in the block's own batch.
type record struct {
	// Randomness is R of block n (spec/consensus.md §9.4), zero at genesis.
	Randomness [32]byte
	// TimeMs is the block's Unix time in milliseconds.
	TimeMs uint64
	// Current and Next are the slots of blocks n and n+1. Next is known once
	// block n has run.
	Current, Next Slot
	// Sets are the validators that decide blocks n, n+1 and n+2: a change
	// returned with block n takes effect at n+2.
	Sets [3][]Authority
}

// deciding returns the validators that decide block best+ahead, ahead in 0…2.
func (r *record) deciding(ahead int) authorities { return r.Sets[ahead] }

// next is the record of block n+1 before its own facts are filled in.
func (r *record) next() record {
	return record{
		Randomness: r.Randomness,
		Current:    r.Next,
		Sets:       [3][]Authority{r.Sets[1], r.Sets[2], r.Sets[2]},
	}
}

// encode is the record as it is stored, and as the chain commits to it.
func (r *record) encode() ([]byte, error) {
	b, err := scale.Marshal(*r)
	if err != nil {
		return nil, fmt.Errorf("encode consensus record: %w", err)
	}
	return b, nil
}

func (r *record) kv() (state.KV, error) {
	b, err := r.encode()
	return state.KV{Key: recordKey, Value: b}, err
}

func loadRecord(c *chain.Chain) (record, error) {
	b, err := c.Aux(recordKey)
	if err != nil {
		return record{}, fmt.Errorf("read consensus record: %w", err)
	}
	r, err := scale.Unmarshal[record](b)
	if err != nil {
		return record{}, fmt.Errorf("consensus record: %w", err)
	}
	return r, nil
}
