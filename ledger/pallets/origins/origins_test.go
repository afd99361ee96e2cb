package origins_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/origins"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

func council(ayes, seats uint32) runtime.Origin {
	return runtime.CustomOrigin(types.OriginCouncil{Origin: types.CollectiveMembers{Ayes: ayes, Seats: seats}})
}

func technical(ayes, seats uint32) runtime.Origin {
	return runtime.CustomOrigin(types.OriginTechnicalCommittee{Origin: types.CollectiveMembers{Ayes: ayes, Seats: seats}})
}

func TestWhoAdministers(t *testing.T) {
	alice := substrate.AccountID{1}
	for _, tt := range []struct {
		name                string
		origin              runtime.Origin
		half, threeQuarters bool
	}{
		{"root", runtime.RootOrigin(), true, true},
		{"nobody", runtime.Origin{}, false, false},
		{"an account", runtime.SignedOrigin(alice), false, false},
		{"a member", runtime.CustomOrigin(types.OriginCouncil{Origin: types.CollectiveMember{Account: alice}}), false, false},
		{"half of the council", council(2, 4), false, false},
		{"more than half", council(3, 5), true, false},
		{"three quarters", council(3, 4), true, true},
		{"all", council(5, 5), true, true},
		{"counts that overflow 32 bits", council(1<<31, 1<<32-1), true, false},
		{"the technical committee", technical(4, 4), false, false},
	} {
		if got := origins.RootOrHalfCouncil(tt.origin) == nil; got != tt.half {
			t.Errorf("%s: more than half of the council: %v, want %v", tt.name, got, tt.half)
		}
		if got := origins.RootOrThreeQuartersOfCouncil(tt.origin) == nil; got != tt.threeQuarters {
			t.Errorf("%s: three quarters of the council: %v, want %v", tt.name, got, tt.threeQuarters)
		}
	}
}

func TestWireFormAndBack(t *testing.T) {
	alice := substrate.AccountID{1}
	for _, caller := range []types.OriginCaller{
		types.OriginSystem{Origin: types.RawRoot{}},
		types.OriginSystem{Origin: types.RawSigned{Account: alice}},
		types.OriginSystem{Origin: types.RawNone{}},
		types.OriginCouncil{Origin: types.CollectiveMembers{Ayes: 2, Seats: 3}},
		types.OriginTechnicalCommittee{Origin: types.CollectiveMember{Account: alice}},
	} {
		o, err := origins.Of(caller)
		if err != nil {
			t.Errorf("%#v: %v", caller, err)
			continue
		}
		if back := origins.Caller(o); back != caller {
			t.Errorf("%#v became %#v", caller, back)
		}
	}
	if _, err := origins.Of(types.OriginEthereum{Origin: types.EthereumTransaction{}}); !errors.Is(err, runtime.ErrBadOrigin) {
		t.Errorf("an origin of a pallet that the chain does not have: %v", err)
	}
}

// A pallet's own origin is nobody's account and not the chain itself.
func TestOwnOriginsHaveNoAccount(t *testing.T) {
	o := council(3, 3)
	if _, err := o.Signed(); !errors.Is(err, runtime.ErrBadOrigin) {
		t.Errorf("signed: %v", err)
	}
	if err := o.Root(); !errors.Is(err, runtime.ErrBadOrigin) {
		t.Errorf("root: %v", err)
	}
	if err := o.None(); !errors.Is(err, runtime.ErrBadOrigin) {
		t.Errorf("none: %v", err)
	}
}
