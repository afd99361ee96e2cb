package staking

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Exposure is what stands behind a validator, in planck: its own stake and
// that of its nominators.
type Exposure struct {
	Total  types.Balance        `scale:",compact" type:"Balance"`
	Own    types.Balance        `scale:",compact" type:"Balance"`
	Others []IndividualExposure `type:"Vec<IndividualExposure<AccountId, Balance>>"`
}

// ScaleType is the framework's `Exposure`.
func (Exposure) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_staking::Exposure", Params: []scale.Param{accountParam, balanceParam}}
}

// IndividualExposure is one nominator's part, in planck.
type IndividualExposure struct {
	Who   substrate.AccountID `type:"AccountId"`
	Value types.Balance       `scale:",compact" type:"Balance"`
}

// ScaleType is the framework's `IndividualExposure`.
func (IndividualExposure) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_staking::IndividualExposure", Params: []scale.Param{accountParam, balanceParam}}
}

// PagedExposureMetadata sums up an exposure whose nominators are stored by
// pages.
type PagedExposureMetadata struct {
	Total          types.Balance `scale:",compact" type:"Balance"`
	Own            types.Balance `scale:",compact" type:"Balance"`
	NominatorCount uint32        `type:"u32"`
	PageCount      uint32        `type:"Page"`
}

// ScaleType is the framework's `PagedExposureMetadata`.
func (PagedExposureMetadata) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_staking::PagedExposureMetadata", Params: []scale.Param{balanceParam}}
}

// ExposurePage is a page of nominators and their sum, in planck.
type ExposurePage struct {
	PageTotal types.Balance        `scale:",compact" type:"Balance"`
	Others    []IndividualExposure `type:"Vec<IndividualExposure<AccountId, Balance>>"`
}

// ScaleType is the framework's `ExposurePage`.
func (ExposurePage) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_staking::ExposurePage", Params: []scale.Param{accountParam, balanceParam}}
}
