// Package schedulercredit counts the work that TEE workers do for miners and
// turns it into the credit of the validators behind them, on which elections
// depend.
package schedulercredit

import (
	"encoding/json"
	"errors"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "SchedulerCredit"
	index = 101
)

// Storage (spec/pallets-mining.md §6.1). Accounts are stashes of validators.
var (
	// CurrentCounters is the work of the period that runs.
	CurrentCounters = runtime.NewMap[substrate.AccountID, CounterEntry](
		name, "CurrentCounters", runtime.Blake2_128Concat)

	// HistoryCreditValues is what past periods earned, 0 to 1000.
	HistoryCreditValues = runtime.NewDoubleMap[uint32, substrate.AccountID, uint32](
		name, "HistoryCreditValues", runtime.Twox64Concat, runtime.Blake2_128Concat)
)

// PeriodDuration is in blocks.
var PeriodDuration = runtime.NewConstant[types.BlockNumber](name, "PeriodDuration", 3600)

// Errors. Counters saturate, so that nothing raises them.
var (
	ErrOverflow      = runtime.NewError(index, 0, "Overflow")
	ErrPointOverflow = runtime.NewError(index, 1, "PointOverflow")
)

// Pallet is the declaration page of SchedulerCredit. It has neither calls nor
// events.
var Pallet = &runtime.Pallet{
	Name:         name,
	Index:        index,
	Storage:      []runtime.StorageItem{CurrentCounters, HistoryCreditValues},
	Errors:       runtime.Errors("pallet_scheduler_credit::pallet::Error", ErrOverflow, ErrPointOverflow),
	Constants:    []runtime.ConstantItem{PeriodDuration},
	OnInitialize: onInitialize,
	Genesis:      genesis,
}

func genesis(ctx *runtime.Context, raw json.RawMessage) error {
	if PeriodDuration.Get(ctx) == 0 {
		return errors.New("PeriodDuration is zero")
	}
	var none struct{}
	return types.DecodeGenesis(raw, &none)
}
