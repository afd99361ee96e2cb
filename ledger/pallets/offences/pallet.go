// Package offences records what validators were found guilty of and hands it to
// staking, which punishes. An offence is reported once per kind, time slot and
// offender; who else commits it in the same time slot makes it worse for all.
package offences

import (
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "Offences"
	index = 25
)

// OffenceDetails are an offender and who reported it.
type OffenceDetails struct {
	Offender  staking.Identification `type:"Offender"`
	Reporters []substrate.AccountID  `type:"Vec<Reporter>"`
}

// ScaleType is the framework's `OffenceDetails`.
func (OffenceDetails) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_staking::offence::OffenceDetails", Params: []scale.Param{
		{Name: "Reporter", Type: scale.TypeOf[substrate.AccountID]()},
		{Name: "Offender", Type: scale.TypeOf[staking.Identification]()},
	}}
}

// Storage.
var (
	// Reports are all offences, by the hash of kind, time slot and offender.
	Reports = runtime.NewOptionalMap[substrate.H256, OffenceDetails](name, "Reports", runtime.Twox64Concat)

	// ConcurrentReportsIndex lists the reports of one kind and time slot.
	ConcurrentReportsIndex = runtime.NewDoubleMap[[16]byte, []byte, []substrate.H256](
		name, "ConcurrentReportsIndex", runtime.Twox64Concat, runtime.Twox64Concat)
)

// OffenceEvent reports an offence. The time slot is encoded as its kind does.
type OffenceEvent struct {
	Kind     [16]byte `type:"Kind"`
	Timeslot []byte   `type:"OpaqueTimeSlot"`
}

// Pallet is the declaration page of Offences: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:    name,
	Index:   index,
	Storage: []runtime.StorageItem{Reports, ConcurrentReportsIndex},
	Events: runtime.Events("pallet_offences::pallet::Event",
		runtime.Event[OffenceEvent](0, "Offence"),
	).WithParams(),
}
