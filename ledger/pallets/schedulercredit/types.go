package schedulercredit

import "github.com/gocess/gocess/primitives/scale"

// CounterEntry is the work of one validator's TEE workers in a period.
type CounterEntry struct {
	Points      uint64 `scale:"proceed_block_size" type:"u64"` // despite its name on the wire
	Punishments uint32 `scale:"punishment_count" type:"u32"`
}

// ScaleType is upstream's `SchedulerCounterEntry`.
func (CounterEntry) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_scheduler_credit::SchedulerCounterEntry"}
}
