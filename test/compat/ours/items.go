package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/babe"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/cesstreasury"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/pallets/schedulercredit"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/sdk"
)

// item reads one value: its encoding and whether it is stored.
type item func(ctx context.Context, at sdk.At, keys []hexBytes) (hexBytes, bool, error)

// items are what the upstream SDK reads, by its names.
var items = map[string]item{
	"Audit.ChallengeSnapShot":         entry(audit.Challenges),
	"Audit.CountedClear":              entry(audit.Misses),
	"Audit.CountedServiceFailed":      entry(audit.ServiceFailures),
	"Babe.Authorities":                plain(babe.Authorities),
	"Balances.InactiveIssuance":       plain(balances.InactiveIssuance),
	"Balances.TotalIssuance":          plain(balances.TotalIssuance),
	"CessTreasury.CurrencyReward":     plain(cesstreasury.CurrencyReward),
	"CessTreasury.EraReward":          plain(cesstreasury.EraReward),
	"CessTreasury.ReserveReward":      plain(cesstreasury.ReserveReward),
	"CessTreasury.RoundReward":        entry(cesstreasury.Rounds),
	"FileBank.DealMap":                entry(filebank.Deals),
	"FileBank.File":                   entry(filebank.Files),
	"FileBank.RestoralOrder":          entry(filebank.RestoralOrders),
	"FileBank.UserHoldFileList":       entry(filebank.UserFiles),
	"Oss.AuthorityList":               entry(oss.Authorities),
	"Oss.Oss":                         entry(oss.Gateways),
	"SchedulerCredit.CurrentCounters": entry(schedulercredit.CurrentCounters),
	"Session.Validators":              plain(session.Validators),
	"Sminer.AllMiner":                 plain(sminer.AllMiners),
	"Sminer.CompleteMinerSnapShot":    entry(sminer.CompleteMinerSnapShots),
	"Sminer.CompleteSnapShot":         entry(sminer.CompleteSnapShots),
	"Sminer.Expenders":                plain(sminer.Expenders),
	"Sminer.MinerItems":               entry(sminer.Miners),
	"Sminer.PendingReplacements":      entry(sminer.PendingReplacements),
	"Sminer.RestoralTarget":           entry(sminer.RestoralTargets),
	"Sminer.RewardMap":                entry(sminer.Rewards),
	"Sminer.StakingStartBlock":        entry(sminer.StakingStartBlocks),
	"Staking.CounterForValidators":    plain(staking.CounterForValidators),
	"Staking.CurrentEra":              plain(staking.CurrentEra),
	"Staking.ErasRewardPoints":        entry(staking.ErasRewardPoints),
	"Staking.ErasStakers":             pair(staking.ErasStakers),
	"Staking.ErasStakersOverview":     pair(staking.ErasStakersOverview),
	"Staking.ErasStakersPaged":        triple(staking.ErasStakersPaged),
	"Staking.ErasTotalStake":          entry(staking.ErasTotalStake),
	"Staking.ErasValidatorReward":     entry(staking.ErasValidatorReward),
	"Staking.Ledger":                  entry(staking.Ledgers),
	"Staking.Nominators":              entry(staking.Nominators),
	"Staking.ValidatorCount":          plain(staking.ValidatorCount),
	"Staking.Validators":              entry(staking.Validators),
	"StorageHandler.Consignment":      entry(storagehandler.Consignments),
	"StorageHandler.PurchasedSpace":   plain(storagehandler.PurchasedSpace),
	"StorageHandler.Territory":        pair(storagehandler.Territories),
	"StorageHandler.TotalIdleSpace":   plain(storagehandler.TotalIdleSpace),
	"StorageHandler.TotalServiceSpace": plain(
		storagehandler.TotalServiceSpace),
	"StorageHandler.UnitPrice": plain(storagehandler.UnitPrice),
	"System.Account":           entry(system.Accounts),
	"TeeWorker.Endpoints":      entry(teeworker.Endpoints),
	"TeeWorker.WorkerAddedAt":  entry(teeworker.WorkerAddedAt),
	"TeeWorker.Workers":        entry(teeworker.Workers),

	// Counters are the lengths of their maps.
	"Sminer.CounterForMinerItems":  length(sminer.Miners),
	"Staking.CounterForNominators": length(staking.Nominators),
}

// lists read a whole map: the encodings of its values, in the order of their
// storage keys.
var lists = map[string]func(context.Context, sdk.At) ([]hexBytes, error){
	"FileBank.DealMap":       list(filebank.Deals),
	"FileBank.RestoralOrder": list(filebank.RestoralOrders),
	"Oss.Oss":                list(oss.Gateways),
	"Sminer.RestoralTarget":  list(sminer.RestoralTargets),
	"Staking.Bonded":         list(staking.Bonded),
	"Staking.Nominators":     list(staking.Nominators),
	"System.Account":         list(system.Accounts),
	"TeeWorker.Workers":      list(teeworker.Workers),
}

// keyOf decodes key i of a question.
func keyOf[K any](keys []hexBytes, i int) (k K, err error) {
	if i >= len(keys) {
		return k, fmt.Errorf("key %d is missing", i+1)
	}
	return scale.Unmarshal[K](keys[i])
}

func encoded[V any](v V, set bool, err error) (hexBytes, bool, error) {
	if err != nil || !set {
		return nil, set, err
	}
	b, err := scale.Marshal(v)
	return b, true, err
}

func plain[V any](of sdk.Plain[V]) item {
	return func(ctx context.Context, at sdk.At, _ []hexBytes) (hexBytes, bool, error) {
		raw, err := at.Raw(ctx, of.Key())
		if err != nil || raw == nil {
			return nil, false, err
		}
		v, err := sdk.Get(ctx, at, of)
		return encoded(v, true, err)
	}
}

func entry[K, V any](of sdk.Map[K, V]) item {
	return func(ctx context.Context, at sdk.At, keys []hexBytes) (hexBytes, bool, error) {
		k, err := keyOf[K](keys, 0)
		if err != nil {
			return nil, false, err
		}
		return encoded(sdk.Find(ctx, at, of, k))
	}
}

func pair[K1, K2, V any](of sdk.DoubleMap[K1, K2, V]) item {
	return func(ctx context.Context, at sdk.At, keys []hexBytes) (hexBytes, bool, error) {
		k1, err := keyOf[K1](keys, 0)
		if err != nil {
			return nil, false, err
		}
		k2, err := keyOf[K2](keys, 1)
		if err != nil {
			return nil, false, err
		}
		return encoded(sdk.FindPair(ctx, at, of, k1, k2))
	}
}

func triple[K1, K2, K3, V any](of sdk.TripleMap[K1, K2, K3, V]) item {
	return func(ctx context.Context, at sdk.At, keys []hexBytes) (hexBytes, bool, error) {
		k1, err := keyOf[K1](keys, 0)
		if err != nil {
			return nil, false, err
		}
		k2, err := keyOf[K2](keys, 1)
		if err != nil {
			return nil, false, err
		}
		k3, err := keyOf[K3](keys, 2)
		if err != nil {
			return nil, false, err
		}
		return encoded(sdk.FindTriple(ctx, at, of, k1, k2, k3))
	}
}

func length[K, V any](of sdk.Map[K, V]) item {
	return func(ctx context.Context, at sdk.At, _ []hexBytes) (hexBytes, bool, error) {
		entries, err := sdk.List(ctx, at, of)
		return encoded(uint32(len(entries)), true, err)
	}
}

func list[K, V any](of sdk.Map[K, V]) func(context.Context, sdk.At) ([]hexBytes, error) {
	return func(ctx context.Context, at sdk.At) ([]hexBytes, error) {
		entries, err := sdk.List(ctx, at, of)
		if err != nil {
			return nil, err
		}
		out := make([]hexBytes, len(entries))
		for i, e := range entries {
			if out[i], err = scale.Marshal(e.Value); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
}

// hexBytes are 0x-hex in JSON.
type hexBytes []byte

func (b hexBytes) MarshalText() ([]byte, error) { return []byte("0x" + hex.EncodeToString(b)), nil }

func (b *hexBytes) UnmarshalText(text []byte) (err error) {
	*b, err = hex.DecodeString(strings.TrimPrefix(string(text), "0x"))
	return err
}
