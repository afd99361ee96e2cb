package proxy

import "github.com/gocess/gocess/ledger/runtime"

// Covers says whether a proxy of type t may do all that one of type o may.
func (t Type) Covers(o Type) bool {
	switch {
	case t == o, t == Any:
		return true
	case o == Any:
		return false
	}
	return t == NonTransfer
}

// Allows says whether a proxy of type t may make the call. Calls inside it are
// judged on their own, when they run.
//
// The rules are those of the reference node; NonTransfer also shuts the ways by
// which CESS's own pallets bring the account's tokens, or what it paid for, to
// an account that the caller chooses.
func (t Type) Allows(call runtime.Call) bool {
	pallet, name := runtime.RuntimeCall{Call: call}.Path()
	switch t {
	case Any:
		return true
	case NonTransfer:
		return !transferPallets[pallet] && !transferCalls[pallet+"."+name]
	case Governance:
		return governancePallets[pallet]
	case Staking:
		return stakingPallets[pallet]
	}
	return false
}

var (
	transferPallets = map[string]bool{"Balances": true, "Assets": true, "PoolAssets": true}

	transferCalls = map[string]bool{
		"Indices.transfer":                true,
		"Cacher.pay":                      true,
		"StorageHandler.buy_consignment":  true,
		"StorageHandler.territory_grants": true,
	}

	governancePallets = map[string]bool{"Council": true, "TechnicalCommittee": true, "Treasury": true}

	stakingPallets = map[string]bool{"Staking": true, "FastUnstake": true}
)

// allows adds to the type's rules that no proxy gets itself, or another, more
// rights than it has.
func (d Definition) allows(call runtime.Call) bool {
	switch c := call.(type) {
	case AddProxy:
		if !d.Type.Covers(c.Type) {
			return false
		}
	case RemoveProxy:
		if !d.Type.Covers(c.Type) {
			return false
		}
	case RemoveProxies, KillPure:
		if d.Type != Any {
			return false
		}
	}
	return d.Type.Allows(call)
}
