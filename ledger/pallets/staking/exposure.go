package staking

import (
	"math"
	"slices"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
)

// backing is what stands behind one validator.
type backing struct {
	validator accountID
	Exposure
}

// expose works out what stands behind each of the validators that has a bond:
// its own active bond, and the nominators that name it, whose stake is spread
// evenly over those of their targets that are among the validators. Stakes are
// counted in votes (spec/consensus.md §5). least is the smallest weight of a
// nominator in votes, 2⁶⁴−1 without any.
func expose(ctx *runtime.Context, validators []accountID) (list []backing, least amount) {
	unit := voteUnit(ctx)
	place := make(map[accountID]int, len(validators))
	for _, v := range validators {
		_, l, err := ledgerOfStash(ctx, v)
		if _, dup := place[v]; dup || err != nil {
			continue
		}
		own := l.Active.Div(unit).SaturatingMul(unit)
		place[v] = len(list)
		list = append(list, backing{v, Exposure{Total: own, Own: own}})
	}
	least = scale.U128From64(math.MaxUint64)
	voters := uint32(0)
	for nominator, n := range Nominators.Iter(ctx) {
		if voters == MaxElectingVoters.Get(ctx) {
			ctx.Emit(SnapshotVotersSizeExceededEvent{Size: voters})
			break
		}
		_, l, err := ledgerOfStash(ctx, nominator)
		if err != nil {
			continue
		}
		voters++
		votes := l.Active.Div(unit)
		least = least.Min(votes)
		var targets []int
		for _, t := range n.Targets {
			if i, ok := place[t]; ok && !slices.Contains(targets, i) {
				targets = append(targets, i)
			}
		}
		for j, share := range split(votes, len(targets)) {
			stake := share.SaturatingMul(unit)
			if stake.IsZero() {
				continue
			}
			b := &list[targets[j]]
			b.Total = b.Total.SaturatingAdd(stake)
			b.Others = append(b.Others, IndividualExposure{Who: nominator, Value: stake})
		}
	}
	return list, least
}

// voteUnit is the worth of one vote, in planck: the total issuance has fewer
// than 2⁶⁴ votes.
func voteUnit(ctx *runtime.Context) amount {
	one := scale.U128From64(1)
	return balances.TotalIssuance.Get(ctx).Div64(math.MaxUint64).Max(one)
}

// split divides votes into n parts that differ by one at most.
func split(votes amount, n int) []amount {
	if n == 0 {
		return nil
	}
	parts := make([]amount, n)
	rest := votes.Mod64(uint64(n))
	for i := range parts {
		parts[i] = votes.Div64(uint64(n))
		if uint64(i) < rest {
			parts[i] = parts[i].SaturatingAdd(scale.U128From64(1))
		}
	}
	return parts
}

// putExposure stores an exposure by pages.
func putExposure(ctx *runtime.Context, era uint32, b backing) {
	size := int(max(MaxExposurePageSize.Get(ctx), 1))
	pages := uint32(0)
	for others := range slices.Chunk(b.Others, size) {
		total := amount{}
		for _, o := range others {
			total = total.SaturatingAdd(o.Value)
		}
		ErasStakersPaged.Put(ctx, era, b.validator, pages, ExposurePage{PageTotal: total, Others: others})
		pages++
	}
	ErasStakersOverview.Put(ctx, era, b.validator, PagedExposureMetadata{
		Total: b.Total, Own: b.Own, NominatorCount: uint32(len(b.Others)), PageCount: pages,
	})
}
