// Package origins says how the origin of a call is written on the wire, and
// which origins besides root may administer the chain.
package origins

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
)

// Caller is the wire form of an origin, as the scheduler stores it.
func Caller(o runtime.Origin) types.OriginCaller {
	if custom, ok := o.Custom().(types.OriginCaller); ok {
		return custom
	}
	if who, err := o.Signed(); err == nil {
		return types.OriginSystem{Origin: types.RawSigned{Account: who}}
	}
	if o.Root() == nil {
		return types.OriginSystem{Origin: types.RawRoot{}}
	}
	return types.OriginSystem{Origin: types.RawNone{}}
}

// Of is the origin that a wire form stands for. It returns BadOrigin for
// origins of pallets that the chain does not have.
func Of(caller types.OriginCaller) (runtime.Origin, error) {
	switch c := caller.(type) {
	case types.OriginSystem:
		switch raw := c.Origin.(type) {
		case types.RawRoot:
			return runtime.RootOrigin(), nil
		case types.RawSigned:
			return runtime.SignedOrigin(raw.Account), nil
		case types.RawNone:
			return runtime.Origin{}, nil
		}
	case types.OriginCouncil, types.OriginTechnicalCommittee:
		return runtime.CustomOrigin(c), nil
	}
	return runtime.Origin{}, runtime.ErrBadOrigin
}

// RootOrHalfCouncil returns BadOrigin unless the origin is root or the vote of
// more than half of the council's members: the reference's
// `EnsureRootOrHalfCouncil`, which governs TEE workers and rejects spends of
// the treasury.
func RootOrHalfCouncil(o runtime.Origin) error {
	return rootOrCouncil(o, func(ayes, seats uint64) bool { return 2*ayes > seats })
}

// RootOrThreeQuartersOfCouncil returns BadOrigin unless the origin is root or
// the vote of at least three quarters of the council's members: who
// administers staking (spec/consensus.md §4).
func RootOrThreeQuartersOfCouncil(o runtime.Origin) error {
	return rootOrCouncil(o, func(ayes, seats uint64) bool { return 4*ayes >= 3*seats })
}

func rootOrCouncil(o runtime.Origin, enough func(ayes, seats uint64) bool) error {
	if o.Root() == nil {
		return nil
	}
	if council, ok := o.Custom().(types.OriginCouncil); ok {
		if vote, ok := council.Origin.(types.CollectiveMembers); ok && enough(uint64(vote.Ayes), uint64(vote.Seats)) {
			return nil
		}
	}
	return runtime.ErrBadOrigin
}
