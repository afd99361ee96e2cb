// Package auditor holds the books of a chain's state against each other: money,
// spaces, files, deals, restoral orders, miners and challenges. It reads all of
// the state after one block; simulations and tests of whole networks use it.
//
//	for _, fault := range auditor.Check(ctx) {
//		t.Error(fault)
//	}
package auditor

import (
	"fmt"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/cesstreasury"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

type account = substrate.AccountID

// Check says in which ways the books disagree after the block that ctx reads;
// nothing if all is in order. The rules are those of spec/pallets-storage.md
// §0.1 and §2.3 and spec/pallets-mining.md §1 and §2.
func Check(ctx *runtime.Context) []error {
	faults := Quick(ctx)
	if err := cesstreasury.Invariant(ctx, sminer.Owed(ctx)); err != nil {
		faults = append(faults, err)
	}
	return faults
}

// Quick is Check without the treasury's books, which say what was paid in all
// eras, of which there are ever more.
func Quick(ctx *runtime.Context) []error {
	a := &auditor{ctx: ctx}
	a.territories()
	a.files()
	a.deals()
	a.orders()
	a.miners()
	a.challenges()
	a.money()
	a.staking()
	if err := sminer.Invariant(ctx); err != nil {
		a.fault("%w", err)
	}
	return a.faults
}

// auditor collects what it finds wrong.
type auditor struct {
	ctx    *runtime.Context
	faults []error
}

func (a *auditor) fault(format string, args ...any) {
	a.faults = append(a.faults, fmt.Errorf(format, args...))
}

func (a *auditor) equal(got, want scale.U128, format string, args ...any) {
	if got != want {
		a.fault("%s: %v, want %v", fmt.Sprintf(format, args...), got, want)
	}
}

// Issued is the chain's own sum of all money, in planck.
func Issued(ctx *runtime.Context) types.Balance { return balances.TotalIssuance.Get(ctx) }

var fragmentSize = scale.U128From64(types.FragmentSize)

// size is the space of n fragments, in bytes.
func size(n int) scale.U128 { return fragmentSize.SaturatingMul(scale.U128From64(uint64(n))) }

// short names an account or a hash in a fault.
func short(id account) string { return fmt.Sprintf("%x", id[:4]) }
