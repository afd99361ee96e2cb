package system

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// AccountInfo is the record of an account; 80 bytes (spec/wire.md §2.3).
type AccountInfo struct {
	Nonce       uint32      `type:"Nonce"`
	Consumers   uint32      `type:"RefCount"` // modules that need the account to exist
	Providers   uint32      `type:"RefCount"` // reasons why it exists
	Sufficients uint32      `type:"RefCount"` // reasons of its own to exist
	Data        AccountData `type:"AccountData"`
}

func (AccountInfo) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "frame_system::AccountInfo", Params: []scale.Param{
		{Name: "Nonce", Type: scale.TypeOf[uint32]()},
		{Name: "AccountData", Type: scale.TypeOf[AccountData]()},
	}}
}

// AccountData are an account's balances in planck. The type belongs to the
// balances pallet and stands here because AccountInfo contains it.
type AccountData struct {
	Free     types.Balance `type:"Balance"`
	Reserved types.Balance `type:"Balance"` // not part of Free
	Frozen   types.Balance `type:"Balance"` // of Free and Reserved, what may not leave
	Flags    ExtraFlags    `type:"ExtraFlags"`
}

func (AccountData) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{
		Path:   "pallet_balances::types::AccountData",
		Params: []scale.Param{{Name: "Balance", Type: scale.TypeOf[types.Balance]()}},
	}
}

// DefaultAccountData is what an account without a record reads as.
var DefaultAccountData = AccountData{Flags: NewLogicFlags}

// ExtraFlags are flags of an account.
type ExtraFlags struct {
	Bits scale.U128 `scale:"_" type:"u128"`
}

func (ExtraFlags) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_balances::types::ExtraFlags"}
}

// NewLogicFlags has bit 127 set: the account follows the current rules of
// reference counting. All accounts do.
var NewLogicFlags = ExtraFlags{Bits: scale.U128FromParts(1<<63, 0)}

// EventRecord is one event of a block.
type EventRecord struct {
	Phase  substrate.Phase      `type:"Phase"`
	Event  runtime.RuntimeEvent `type:"E"`
	Topics []substrate.H256     `type:"Vec<T>"`
}

func (EventRecord) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "frame_system::EventRecord", Params: []scale.Param{
		{Name: "E", Type: scale.TypeOf[runtime.RuntimeEvent]()},
		{Name: "T", Type: scale.TypeOf[substrate.H256]()},
	}}
}

// EventPlace is where an event stands: its block and its index in Events.
type EventPlace struct {
	Block types.BlockNumber
	Index uint32
}

// KeyValue is a raw storage entry.
type KeyValue struct{ Key, Value []byte }

// RuntimeUpgrade names the runtime that last ran its migrations.
type RuntimeUpgrade struct {
	SpecVersion uint32       `scale:",compact" type:"codec::Compact<u32>"`
	SpecName    scale.CowStr `type:"Cow<'static, str>"`
}

func (RuntimeUpgrade) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "frame_system::LastRuntimeUpgradeInfo"}
}

// CodeUpgradeAuthorization names code that may be applied.
type CodeUpgradeAuthorization struct {
	CodeHash     substrate.H256 `type:"T::Hash"`
	CheckVersion bool           `type:"bool"`
}

func (CodeUpgradeAuthorization) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "frame_system::CodeUpgradeAuthorization", Params: []scale.Param{{Name: "T"}}}
}
