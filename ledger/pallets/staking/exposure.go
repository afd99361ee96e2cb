package staking

import (
	"slices"

	"github.com/gocess/gocess/ledger/pallets/r2s/solver"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
)

// exposureTo is what stands behind a winner, in planck: a vote is worth unit, so
// that a bond counts a little less than it is (spec/consensus.md §5).
func exposureTo(s solver.Support, unit amount) Exposure {
	var e Exposure
	for _, b := range s.Backers {
		stake := scale.U128From64(b.Votes).SaturatingMul(unit)
		e.Total = e.Total.SaturatingAdd(stake)
		if b.Who == s.Winner {
			e.Own = e.Own.SaturatingAdd(stake)
		} else {
			e.Others = append(e.Others, IndividualExposure{Who: b.Who, Value: stake})
		}
	}
	return e
}

// putExposure stores an exposure by pages.
func putExposure(ctx *runtime.Context, era uint32, validator accountID, e Exposure) {
	size := int(max(MaxExposurePageSize.Get(ctx), 1))
	pages := uint32(0)
	for others := range slices.Chunk(e.Others, size) {
		total := amount{}
		for _, o := range others {
			total = total.SaturatingAdd(o.Value)
		}
		ErasStakersPaged.Put(ctx, era, validator, pages, ExposurePage{PageTotal: total, Others: others})
		pages++
	}
	ErasStakersOverview.Put(ctx, era, validator, PagedExposureMetadata{
		Total: e.Total, Own: e.Own, NominatorCount: uint32(len(e.Others)), PageCount: pages,
	})
}
