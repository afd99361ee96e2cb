package proxy

import (
	"bytes"
	"cmp"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Type says what a proxy may do; see Allows.
type Type uint8

// The types.
const (
	Any Type = iota
	NonTransfer
	Governance
	Staking
)

// ScaleType is the runtime's `ProxyType`.
func (Type) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "cess_node_runtime::ProxyType", Variants: []scale.VariantInfo{
		{Index: 0, Name: "Any"}, {Index: 1, Name: "NonTransfer"}, {Index: 2, Name: "Governance"}, {Index: 3, Name: "Staking"},
	}}
}

// Definition is a proxy of an account.
type Definition struct {
	Delegate substrate.AccountID `type:"AccountId"`
	Type     Type                `scale:"proxy_type" type:"ProxyType"`
	// Delay is how many blocks lie between the announcement of a call and the
	// call; 0 needs no announcement.
	Delay types.BlockNumber `type:"BlockNumber"`
}

// ScaleType is upstream's `ProxyDefinition`.
func (Definition) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_proxy::ProxyDefinition", Params: []scale.Param{
		{Name: "AccountId", Type: scale.TypeOf[substrate.AccountID]()},
		{Name: "ProxyType", Type: scale.TypeOf[Type]()},
		{Name: "BlockNumber", Type: scale.TypeOf[types.BlockNumber]()},
	}}
}

// compare orders the proxies of an account.
func compare(a, b Definition) int {
	return cmp.Or(bytes.Compare(a.Delegate[:], b.Delegate[:]), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Delay, b.Delay))
}

// Announcement is a call that a proxy means to make for Real.
type Announcement struct {
	Real     substrate.AccountID `type:"AccountId"`
	CallHash substrate.H256      `type:"Hash"`
	Height   types.BlockNumber   `type:"BlockNumber"` // when it was announced
}

// ScaleType is upstream's `Announcement`.
func (Announcement) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_proxy::Announcement", Params: []scale.Param{
		{Name: "AccountId", Type: scale.TypeOf[substrate.AccountID]()},
		{Name: "Hash", Type: scale.TypeOf[substrate.H256]()},
		{Name: "BlockNumber", Type: scale.TypeOf[types.BlockNumber]()},
	}}
}
