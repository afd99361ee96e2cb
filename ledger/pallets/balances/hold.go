package balances

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// IDAmount is an amount, in planck, and the reason for holding it.
type IDAmount[ID any] struct {
	ID     ID            `type:"Id"`
	Amount types.Balance `type:"Balance"`
}

func (IDAmount[ID]) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "frame_support::traits::tokens::misc::IdAmount", Params: []scale.Param{
		{Name: "Id", Type: scale.TypeOf[ID]()},
		{Name: "Balance", Type: scale.TypeOf[types.Balance]()},
	}}
}

// HoldReason says which pallet holds balance and why.
type HoldReason interface{ holdReason() }

// The variants of HoldReason.
type (
	HoldCouncil struct {
		Reason CollectiveHold `scale:"_" type:"pallet_collective::HoldReason<pallet_collective::Instance1>"`
	}
	HoldTechnicalCommittee struct {
		Reason CollectiveHold `scale:"_" type:"pallet_collective::HoldReason<pallet_collective::Instance2>"`
	}
	HoldContracts struct {
		Reason ContractsHold `scale:"_" type:"pallet_contracts::HoldReason"`
	}
	HoldPreimage struct {
		Reason PreimageHold `scale:"_" type:"pallet_preimage::HoldReason"`
	}
	HoldTransactionStorage struct {
		Reason StorageFeeHold `scale:"_" type:"pallet_transaction_storage::HoldReason"`
	}
	HoldStateTrieMigration struct {
		Reason MigrationHold `scale:"_" type:"pallet_state_trie_migration::HoldReason"`
	}
)

func (HoldCouncil) holdReason()            {}
func (HoldTechnicalCommittee) holdReason() {}
func (HoldContracts) holdReason()          {}
func (HoldPreimage) holdReason()           {}
func (HoldTransactionStorage) holdReason() {}
func (HoldStateTrieMigration) holdReason() {}

var _ = scale.RegisterEnum[HoldReason](
	scale.TypeInfo{Path: "cess_node_runtime::RuntimeHoldReason"},
	scale.V[HoldReason, HoldCouncil](13, "Council"),
	scale.V[HoldReason, HoldTechnicalCommittee](14, "TechnicalCommittee"),
	scale.V[HoldReason, HoldContracts](21, "Contracts"),
	scale.V[HoldReason, HoldPreimage](34, "Preimage"),
	scale.V[HoldReason, HoldTransactionStorage](51, "TransactionStorage"),
	scale.V[HoldReason, HoldStateTrieMigration](53, "StateTrieMigration"),
)

// FreezeReason would say which pallet freezes balance; none does.
type FreezeReason interface{ freezeReason() }

var _ = scale.RegisterEnum[FreezeReason](scale.TypeInfo{Path: "cess_node_runtime::RuntimeFreezeReason"})

// Reasons of the pallets that hold balance.
type (
	CollectiveHold uint8
	ContractsHold  uint8
	PreimageHold   uint8
	StorageFeeHold uint8
	MigrationHold  uint8
)

// The values of the reasons.
const (
	HoldProposalSubmission       CollectiveHold = 0
	HoldCodeUploadDepositReserve ContractsHold  = 0
	HoldStorageDepositReserve    ContractsHold  = 1
	HoldPreimageDeposit          PreimageHold   = 0
	HoldStorageFee               StorageFeeHold = 0
	HoldSlashForMigrate          MigrationHold  = 0
)

func (CollectiveHold) ScaleType() scale.TypeInfo {
	info := reason("pallet_collective", "ProposalSubmission")
	info.Params = []scale.Param{{Name: "I"}}
	return info
}

func (ContractsHold) ScaleType() scale.TypeInfo {
	return reason("pallet_contracts", "CodeUploadDepositReserve", "StorageDepositReserve")
}

func (PreimageHold) ScaleType() scale.TypeInfo {
	return reason("pallet_preimage", "Preimage")
}

func (StorageFeeHold) ScaleType() scale.TypeInfo {
	return reason("pallet_transaction_storage", "StorageFeeHold")
}

func (MigrationHold) ScaleType() scale.TypeInfo {
	return reason("pallet_state_trie_migration", "SlashForMigrate")
}

func reason(crate string, names ...string) scale.TypeInfo {
	info := scale.TypeInfo{Path: crate + "::pallet::HoldReason"}
	for i, name := range names {
		info.Variants = append(info.Variants, scale.VariantInfo{Index: uint8(i), Name: name})
	}
	return info
}
