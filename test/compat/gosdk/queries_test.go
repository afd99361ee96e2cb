package gosdk

import (
	"bytes"
	"fmt"
	"math/big"
	"reflect"
	"strings"

	"github.com/AstaFrode/go-substrate-rpc-client/v4/types"
	"github.com/AstaFrode/go-substrate-rpc-client/v4/types/codec"
	"github.com/CESSProject/cess-go-sdk/chain"
	"github.com/mr-tron/base58"
)

// query is a method that reads the state.
type query struct {
	method string
	// item is what it reads, of which the project's own SDK knows the value.
	item string
	keys func() [][]byte
	// list is true for methods that read a whole map.
	list bool
	// ask calls the method. Block -1 is the best one.
	ask func(block int32) (any, error)
	// want turns what the own SDK read, a value or a list of them, into what the
	// method should return.
	want func(values [][]byte) (any, error)
	// latest is true for methods that cannot ask for a block of the past.
	latest bool
	// lacks says why there may be nothing to read on a network that is a minute
	// old; "" if there must be.
	lacks string
	// zerosEmpty is true for methods that take a value of zeros for none.
	zerosEmpty bool
	// fails is a part of the error of a method that no chain of this revision can
	// answer, and why.
	fails, why string
}

// as is the value itself, in the SDK's type. Nothing of it may be lost.
func as[T any](values [][]byte) (any, error) {
	v, err := decode[T](values[0])
	if err != nil {
		return nil, err
	}
	back, err := codec.Encode(v)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(back, values[0]) {
		return nil, fmt.Errorf("%T keeps %d of %d bytes", v, len(back), len(values[0]))
	}
	return v, nil
}

func decode[T any](b []byte) (v T, err error) {
	err = codec.Decode(b, &v)
	return v, err
}

// begins is a value that has grown: the SDK's type knows how it begins.
func begins[T any](values [][]byte) (any, error) {
	v, err := decode[T](values[0])
	if err != nil {
		return nil, err
	}
	back, err := codec.Encode(v)
	if err == nil && !bytes.HasPrefix(values[0], back) {
		err = fmt.Errorf("%T is not the beginning of %x", v, values[0])
	}
	return v, err
}

// listOf are all values of a map.
func listOf[T any](values [][]byte) (any, error) { return each[T](values, as[T]) }

func each[T any](values [][]byte, one func([][]byte) (any, error)) (any, error) {
	var out []T
	for _, b := range values {
		v, err := one([][]byte{b})
		if err != nil {
			return nil, err
		}
		out = append(out, v.(T))
	}
	return out, nil
}

// decimal, small and number are integers of any width, in the forms of the SDK.
func decimal(values [][]byte) (any, error) { return integer(values[0]).String(), nil }
func small(values [][]byte) (any, error)   { return uint64(integer(values[0]).Uint64()), nil }
func number(values [][]byte) (any, error)  { return uint32(integer(values[0]).Uint64()), nil }
func byteOf(values [][]byte) (any, error)  { return values[0][0], nil }

func integer(b []byte) *big.Int {
	be := make([]byte, len(b))
	for i := range b {
		be[len(b)-1-i] = b[i]
	}
	return new(big.Int).SetBytes(be)
}

// at and of adapt methods to query.ask.
func at[T any](ask func(int32) (T, error)) func(int32) (any, error) {
	return func(block int32) (any, error) { v, err := ask(block); return v, err }
}

func of[K, T any](ask func(K, int32) (T, error), key func() K) func(int32) (any, error) {
	return func(block int32) (any, error) { v, err := ask(key(), block); return v, err }
}

func key(parts ...func() []byte) func() [][]byte {
	return func() [][]byte {
		var out [][]byte
		for _, p := range parts {
			out = append(out, p())
		}
		return out
	}
}

func encode(v any) []byte {
	b, err := codec.Encode(v)
	if err != nil {
		panic(err) // of values that this test made
	}
	return b
}

// era is one that is over.
func (w *world) era() uint32    { return w.past }
func (w *world) eraKey() []byte { return encode(w.past) }

const (
	soon  = "it comes with the first era, or audit, that ends"
	gone  = "only a miner that left has it, which takes minutes"
	fault = "only a miner at fault has it"
)

// queries are all methods of the SDK that read the state.
func (w *world) queries() []query {
	c := w.alice.ChainClient
	alice, bob := func() []byte { return w.alice.key() }, func() []byte { return w.bob.key() }
	miner, audited := func() []byte { return w.holder }, func() []byte { return w.audited }
	left := func() []byte { return w.left }
	validator, nominator := func() []byte { return w.validator }, bob
	worker := func() chain.WorkerPublicKey { return w.worker }
	workerKey := func() []byte { return encode(w.worker) }
	fid, deal := func() string { return w.fid }, func() string { return w.deal }
	fragment := func() string { return w.fragment }
	hash := func(text func() string) func() []byte { return func() []byte { return []byte(text()) } }
	return []query{
		// Audit, Babe, Balances
		{method: "QueryChallengeSnapShot", item: "Audit.ChallengeSnapShot", keys: key(audited), want: as[chain.ChallengeInfo], ask: func(block int32) (any, error) {
			ok, v, err := c.QueryChallengeSnapShot(w.audited, block)
			if err == nil && !ok {
				err = chain.ERR_RPC_EMPTY_VALUE
			}
			return v, err
		}, lacks: soon},
		{method: "QueryCountedClear", item: "Audit.CountedClear", keys: key(miner), ask: of(c.QueryCountedClear, miner), want: byteOf, lacks: fault},
		{method: "QueryCountedServiceFailed", item: "Audit.CountedServiceFailed", keys: key(miner), ask: of(c.QueryCountedServiceFailed, miner), want: number, lacks: fault},
		{method: "QueryAuthorities", item: "Babe.Authorities", ask: at(c.QueryAuthorities), want: as[[]chain.ConsensusRrscAppPublic]},
		{method: "QueryTotalIssuance", item: "Balances.TotalIssuance", ask: at(c.QueryTotalIssuance), want: decimal},
		{method: "QueryInactiveIssuance", item: "Balances.InactiveIssuance", ask: at(c.QueryInactiveIssuance), want: decimal, lacks: "no money is out of circulation"},
		// CessTreasury
		{method: "QueryCurrencyReward", item: "CessTreasury.CurrencyReward", ask: at(c.QueryCurrencyReward), want: decimal, lacks: soon},
		{method: "QueryEraReward", item: "CessTreasury.EraReward", ask: at(c.QueryEraReward), want: decimal, lacks: soon},
		{method: "QueryReserveReward", item: "CessTreasury.ReserveReward", ask: at(c.QueryReserveReward), want: decimal, lacks: "only what rewards leave over goes there"},
		{method: "QueryRoundReward", item: "CessTreasury.RoundReward", keys: key(w.eraKey), ask: of(c.QueryRoundReward, w.era), lacks: soon,
			want: func(v [][]byte) (any, error) {
				r, err := as[chain.RoundRewardType](v)
				if err != nil {
					return nil, err
				}
				return r.(chain.RoundRewardType).TotalReward.String(), nil
			}},
		// FileBank
		{method: "QueryDealMap", item: "FileBank.DealMap", keys: key(hash(deal)), ask: of(c.QueryDealMap, deal), want: as[chain.StorageOrder]},
		{method: "QueryDealMapV1", fails: "decod", why: "reads a deal as revisions before 0.8 stored it", ask: of(c.QueryDealMapV1, deal)},
		{method: "QueryDealMapList", item: "FileBank.DealMap", list: true, ask: at(c.QueryDealMapList), want: listOf[chain.StorageOrder]},
		{method: "QueryFile", item: "FileBank.File", keys: key(hash(fid)), ask: of(c.QueryFile, fid), want: as[chain.FileMetadata]},
		{method: "QueryFileV1", fails: "decod", why: "reads a file as revisions before 0.8 stored it", ask: of(c.QueryFileV1, fid)},
		{method: "QueryRestoralOrder", item: "FileBank.RestoralOrder", keys: key(hash(fragment)), ask: of(c.QueryRestoralOrder, fragment), want: as[chain.RestoralOrderInfo], lacks: "the miners restored the fragment"},
		{method: "QueryAllRestoralOrder", item: "FileBank.RestoralOrder", list: true, ask: at(c.QueryAllRestoralOrder), want: listOf[chain.RestoralOrderInfo], lacks: "the miners restored the fragment"},
		{method: "QueryUserHoldFileList", item: "FileBank.UserHoldFileList", keys: key(alice), ask: of(c.QueryUserHoldFileList, alice), want: as[[]chain.UserFileSliceInfo]},
		{method: "QueryUserFidList", item: "FileBank.UserHoldFileList", keys: key(alice), ask: of(c.QueryUserFidList, alice), want: func(v [][]byte) (any, error) {
			list, err := decode[[]chain.UserFileSliceInfo](v[0])
			var fids []string
			for _, f := range list {
				var text strings.Builder
				for _, b := range f.Filehash {
					text.WriteByte(byte(b))
				}
				fids = append(fids, text.String())
			}
			return fids, err
		}},
		// Oss
		{method: "QueryOss", item: "Oss.Oss", keys: key(func() []byte { return w.gateway.key() }), ask: of(c.QueryOss, func() []byte { return w.gateway.key() }), want: as[chain.OssInfo]},
		{method: "QueryAllOss", item: "Oss.Oss", list: true, ask: at(c.QueryAllOss), want: listOf[chain.OssInfo]},
		{method: "QueryAllOssPeerId", item: "Oss.Oss", list: true, ask: at(c.QueryAllOssPeerId), want: func(values [][]byte) (any, error) {
			var ids []string
			for _, b := range values {
				ids = append(ids, base58.Encode(b[:chain.PeerIdPublicKeyLen]))
			}
			return ids, nil
		}},
		{method: "QueryAuthorityList", item: "Oss.AuthorityList", keys: key(alice), ask: of(c.QueryAuthorityList, alice), want: as[[]types.AccountID]},
		// SchedulerCredit, Session
		{method: "QueryCurrentCounters", item: "SchedulerCredit.CurrentCounters", keys: key(validator), ask: of(c.QueryCurrentCounters, validator), want: as[chain.SchedulerCounterEntry], lacks: soon},
		{method: "QueryValidators", item: "Session.Validators", ask: at(c.QueryValidators), want: as[[]types.AccountID]},
		// Sminer
		{method: "QueryExpenders", item: "Sminer.Expenders", ask: at(c.QueryExpenders), want: as[chain.ExpendersInfo]},
		{method: "QueryMinerItems", item: "Sminer.MinerItems", keys: key(miner), ask: of(c.QueryMinerItems, miner), want: as[chain.MinerInfo]},
		{method: "QueryMinerItemsV1", fails: "decod", why: "reads a miner as revisions before 0.8 stored it", ask: of(c.QueryMinerItemsV1, miner)},
		{method: "QueryStakingStartBlock", item: "Sminer.StakingStartBlock", keys: key(miner), ask: of(c.QueryStakingStartBlock, miner), want: number},
		{method: "QueryAllMiner", item: "Sminer.AllMiner", ask: at(c.QueryAllMiner), want: as[[]types.AccountID]},
		{method: "QueryCounterForMinerItems", item: "Sminer.CounterForMinerItems", ask: at(c.QueryCounterForMinerItems), want: number},
		{method: "QueryRewardMap", item: "Sminer.RewardMap", keys: key(miner), ask: of(c.QueryRewardMap, miner), want: as[chain.MinerReward], zerosEmpty: true},
		{method: "QueryRestoralTarget", item: "Sminer.RestoralTarget", keys: key(left), ask: of(c.QueryRestoralTarget, left), want: as[chain.RestoralTargetInfo], lacks: gone},
		{method: "QueryAllRestoralTarget", item: "Sminer.RestoralTarget", list: true, ask: at(c.QueryAllRestoralTarget), want: listOf[chain.RestoralTargetInfo], lacks: gone},
		{method: "QueryPendingReplacements", item: "Sminer.PendingReplacements", keys: key(miner), ask: of(c.QueryPendingReplacements, miner), want: as[types.U128], lacks: "a miner that stored nothing has none"},
		{method: "QueryCompleteSnapShot", item: "Sminer.CompleteSnapShot", keys: key(w.eraKey), want: as[chain.CompleteSnapShotType], lacks: soon, ask: func(block int32) (any, error) {
			n, power, err := c.QueryCompleteSnapShot(w.era(), block)
			return chain.CompleteSnapShotType{MinerCount: types.U32(n), TotalPower: types.NewU128(*new(big.Int).SetUint64(power))}, err
		}},
		{method: "QueryCompleteMinerSnapShot", item: "Sminer.CompleteMinerSnapShot", keys: key(audited), ask: of(c.QueryCompleteMinerSnapShot, audited), want: as[[]chain.MinerCompleteInfo], lacks: soon},
		// Staking
		{method: "QueryCounterForValidators", item: "Staking.CounterForValidators", ask: at(c.QueryCounterForValidators), want: number},
		{method: "QueryValidatorsCount", item: "Staking.ValidatorCount", ask: at(c.QueryValidatorsCount), want: number},
		{method: "QueryNominatorCount", item: "Staking.CounterForNominators", ask: at(c.QueryNominatorCount), want: number},
		{method: "QueryErasTotalStake", item: "Staking.ErasTotalStake", keys: key(w.eraKey), ask: of(c.QueryErasTotalStake, w.era), want: decimal},
		{method: "QueryCurrentEra", item: "Staking.CurrentEra", ask: at(c.QueryCurrentEra), want: number},
		{method: "QueryErasRewardPoints", item: "Staking.ErasRewardPoints", keys: key(w.eraKey), ask: of(c.QueryErasRewardPoints, w.era), want: as[chain.StakingEraRewardPoints]},
		{method: "QueryAllNominators", item: "Staking.Nominators", list: true, ask: at(c.QueryAllNominators), want: listOf[chain.StakingNominations]},
		{method: "QueryAllBonded", item: "Staking.Bonded", list: true, ask: at(c.QueryAllBonded), want: listOf[types.AccountID]},
		{method: "QueryValidatorCommission", item: "Staking.Validators", keys: key(validator), ask: of(c.QueryValidatorCommission, validator), want: func(v [][]byte) (any, error) {
			parts, err := decode[types.UCompact](v[0])
			inner := big.Int(parts)
			return uint8(inner.Uint64() / 10_000_000), err
		}},
		{method: "QueryEraValidatorReward", item: "Staking.ErasValidatorReward", keys: key(w.eraKey), ask: of(c.QueryEraValidatorReward, w.era), want: decimal, lacks: soon},
		{method: "QueryLedger", item: "Staking.Ledger", keys: key(nominator), ask: of(c.QueryLedger, nominator), want: as[chain.StakingLedger]},
		{method: "QueryeNominators", item: "Staking.Nominators", keys: key(nominator), ask: of(c.QueryeNominators, nominator), want: as[chain.StakingNominations]},
		{method: "QueryeErasStakers", item: "Staking.ErasStakers", keys: key(w.eraKey, validator), latest: true, want: as[chain.StakingExposure], lacks: "exposures are paged in this revision",
			ask: func(int32) (any, error) { return c.QueryeErasStakers(w.era(), w.validator) }},
		{method: "QueryeErasStakersOverview", item: "Staking.ErasStakersOverview", keys: key(w.eraKey, validator), latest: true, want: as[chain.PagedExposureMetadata],
			ask: func(int32) (any, error) { return c.QueryeErasStakersOverview(w.era(), w.validator) }},
		{method: "QueryeAllErasStakersPaged", item: "Staking.ErasStakersPaged", keys: key(w.eraKey, validator, func() []byte { return encode(uint32(0)) }), latest: true, lacks: "nobody nominates for the era yet",
			ask: func(int32) (any, error) {
				v, err := c.QueryeAllErasStakersPaged(w.era(), w.validator)
				if err == nil && len(v) == 0 {
					err = chain.ERR_RPC_EMPTY_VALUE
				}
				return v, err
			}, want: listOf[chain.StakingExposurePaged]},
		// StorageHandler
		{method: "QueryUnitPrice", item: "StorageHandler.UnitPrice", ask: at(c.QueryUnitPrice), want: decimal},
		{method: "QueryTotalIdleSpace", item: "StorageHandler.TotalIdleSpace", ask: at(c.QueryTotalIdleSpace), want: small},
		{method: "QueryTotalServiceSpace", item: "StorageHandler.TotalServiceSpace", ask: at(c.QueryTotalServiceSpace), want: small},
		{method: "QueryPurchasedSpace", item: "StorageHandler.PurchasedSpace", ask: at(c.QueryPurchasedSpace), want: small},
		{method: "QueryTerritory", item: "StorageHandler.Territory", keys: key(alice, func() []byte { return encode(types.NewBytes([]byte(w.first))) }), want: as[chain.TerritoryInfo],
			ask: func(block int32) (any, error) { return c.QueryTerritory(w.alice.key(), w.first, block) }},
		{method: "QueryConsignment", item: "StorageHandler.Consignment", keys: key(func() []byte { return w.token[:] }), want: as[chain.ConsignmentInfo], lacks: "the purchase is done",
			ask: func(block int32) (any, error) { return c.QueryConsignment(w.token, block) }},
		// System
		{method: "QueryAccountInfoByAccountID", item: "System.Account", keys: key(bob), ask: of(c.QueryAccountInfoByAccountID, bob), want: as[types.AccountInfo]},
		{method: "QueryAccountInfo", item: "System.Account", keys: key(bob), ask: of(c.QueryAccountInfo, func() string { return w.bob.GetSignatureAcc() }), want: as[types.AccountInfo]},
		{method: "QueryAllAccountInfo", item: "System.Account", list: true, ask: at(c.QueryAllAccountInfo), want: listOf[types.AccountInfo]},
		{method: "QueryBlockNumber", latest: true, ask: w.blockNumber},
		// TeeWorker
		{method: "QueryMasterPubKey", fails: "MasterPubkey", why: "the item's name and shape are others in this revision", ask: at(c.QueryMasterPubKey)},
		{method: "QueryWorkers", item: "TeeWorker.Workers", keys: key(workerKey), ask: of(c.QueryWorkers, worker), want: begins[chain.WorkerInfo]},
		{method: "QueryAllWorkers", item: "TeeWorker.Workers", list: true, ask: at(c.QueryAllWorkers), want: func(v [][]byte) (any, error) { return each[chain.WorkerInfo](v, begins[chain.WorkerInfo]) }},
		{method: "QueryEndpoints", item: "TeeWorker.Endpoints", keys: key(workerKey), ask: of(c.QueryEndpoints, worker), want: func(v [][]byte) (any, error) {
			text, err := as[types.Text](v)
			return string(text.(types.Text)), err
		}},
		{method: "QueryWorkerAddedAt", item: "TeeWorker.WorkerAddedAt", keys: key(workerKey), ask: of(c.QueryWorkerAddedAt, worker), want: number},
	}
}

// blockNumber holds the number of a block against its place.
func (w *world) blockNumber(int32) (any, error) {
	head, err := w.alice.ChainGetFinalizedHead()
	if err != nil {
		return nil, err
	}
	number, err := w.alice.QueryBlockNumber(head.Hex())
	if err != nil {
		return nil, err
	}
	hash, err := w.alice.ChainGetBlockHash(number)
	if err == nil && hash != head {
		err = fmt.Errorf("block %d is %s, not %s", number, hash.Hex(), head.Hex())
	}
	return number, err
}

// read asks the own SDK, at a block or the best one.
func (w *world) read(q query, at string) (values [][]byte, set bool) {
	w.t.Helper()
	if q.list {
		values = w.ours.list(q.item, at)
		return values, len(values) > 0
	}
	var keys [][]byte
	if q.keys != nil {
		keys = q.keys()
	}
	value, set := w.ours.item(q.item, at, keys...)
	return [][]byte{value}, set
}

// hold asks both SDKs at a block, and says how their answers differ.
func (w *world) hold(q query, block int32, at string) (absent bool, err error) {
	w.t.Helper()
	before, set := w.read(q, at)
	got, asked := q.ask(block)
	after, still := w.read(q, at)
	if set != still || !reflect.DeepEqual(before, after) {
		return false, errMoved
	}
	if !set {
		if asked != nil && asked.Error() != chain.ERR_Empty {
			return true, fmt.Errorf("%v, want %q: nothing is stored", asked, chain.ERR_Empty)
		}
		return true, nil
	}
	if q.zerosEmpty && len(bytes.Trim(before[0], "\x00")) == 0 {
		if asked == nil || asked.Error() != chain.ERR_Empty {
			return false, fmt.Errorf("%v, want %q: zeros are stored", asked, chain.ERR_Empty)
		}
		return false, nil
	}
	if asked != nil {
		return false, fmt.Errorf("%v although something is stored", asked)
	}
	want, err := q.want(before)
	if err != nil {
		return false, err
	}
	if !reflect.DeepEqual(got, want) {
		return false, fmt.Errorf("%+v, want %+v", got, want)
	}
	return false, nil
}
