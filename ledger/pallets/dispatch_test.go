package pallets_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/sudo"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/transactionpayment"
	"github.com/gocess/gocess/ledger/pallets/utility"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// A call that is free on its own, like sudo, does not make the batch free that
// it is in: otherwise anything could ride on it.
func TestAnInnerCallDoesNotFreeTheOuterOne(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	free := runtime.RuntimeCall{Call: sudo.Sudo{Call: runtime.RuntimeCall{Call: system.Remark{}}}}
	remark := runtime.RuntimeCall{Call: system.Remark{Remark: make([]byte, 10_000)}}
	paid := func(call runtime.Call) bool {
		t.Helper()
		before := (balances.API{}).Free(c.Ctx(), palletstest.Alice)
		c.Must(palletstest.Alice, call)
		e := palletstest.EventsOf[transactionpayment.TransactionFeePaidEvent](c)
		if len(e) != 1 || e[0].Who != palletstest.Alice {
			t.Fatalf("events %+v", e)
		}
		cost := before.SaturatingSub((balances.API{}).Free(c.Ctx(), palletstest.Alice))
		if cost != e[0].ActualFee {
			t.Errorf("it cost %v planck, the event says %v", cost, e[0].ActualFee)
		}
		return !cost.IsZero()
	}
	if paid(free.Call) {
		t.Error("sudo is not free")
	}
	for _, call := range []runtime.Call{
		utility.Batch{Calls: []runtime.RuntimeCall{free, remark}},
		utility.Batch{Calls: []runtime.RuntimeCall{remark, free}},
		utility.BatchAll{Calls: []runtime.RuntimeCall{free, remark}},
		utility.ForceBatch{Calls: []runtime.RuntimeCall{free, remark}},
	} {
		if !paid(call) {
			t.Errorf("%T with sudo in it is free", call)
		}
	}
}

// An extrinsic without a signature needs a pallet that admits its call.
func TestBareExtrinsicsAreRefused(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	for _, call := range []runtime.Call{
		system.Remark{}, balances.TransferKeepAlive{Dest: substrate.AddressOf(palletstest.Bob)}, utility.Batch{},
	} {
		x := runtime.Extrinsic{Call: runtime.RuntimeCall{Call: call}}
		raw, err := x.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Submit(raw); err != substrate.UnknownNoUnsignedValidator {
			t.Errorf("%T: %v", call, err)
		}
	}
}
