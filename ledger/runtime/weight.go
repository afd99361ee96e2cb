package runtime

import "github.com/gocess/gocess/primitives/substrate"

// Database costs per key in ref_time, and the overhead that every dispatch
// has: `System.DbWeight` and a calibrated base (spec/wire.md §3.4,
// spec/consensus.md §6.2).
const (
	readCost  = 25_000_000
	writeCost = 100_000_000
	baseCost  = 20_000_000
	// proofPerRead is the proof size that reading one key adds.
	proofPerRead = 3_593
)

// Cost is what a call declares of its work, before it runs.
type Cost struct {
	reads, writes uint64
	class         substrate.DispatchClass
	pays          substrate.Pays
}

// Work declares a normal, paid call that reads and writes so many keys.
func Work(reads, writes uint64) Cost { return Cost{reads: reads, writes: writes} }

// Operational moves the call to the class that keeps room in a full block.
func (c Cost) Operational() Cost { c.class = substrate.Operational; return c }

// Mandatory marks a call that only the block itself may carry.
func (c Cost) Mandatory() Cost { c.class = substrate.Mandatory; return c }

// Free marks a call that pays no inclusion fee.
func (c Cost) Free() Cost { c.pays = substrate.PaysNo; return c }

func (c Cost) info() substrate.DispatchInfo {
	return substrate.DispatchInfo{Weight: WorkWeight(c.reads, c.writes), Class: c.class, PaysFee: c.pays}
}

// WorkWeight is the weight of reading and writing so many keys.
func WorkWeight(reads, writes uint64) substrate.Weight {
	return substrate.Weight{
		RefTime:   baseCost + reads*readCost + writes*writeCost,
		ProofSize: reads * proofPerRead,
	}
}
