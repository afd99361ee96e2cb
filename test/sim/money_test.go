package sim

import (
	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/cesstreasury"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/reservoir"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// tokens is an amount that few miss, now and then more than anybody has.
func (s *sim) tokens() types.Balance {
	if s.chance(12) {
		return types.Tokens(1 << 50)
	}
	return types.Tokens(uint64(s.rng.IntN(200)))
}

func (s *sim) purse() (account, runtime.Call) {
	who := pick(s, s.users)
	switch s.rng.IntN(10) {
	case 0:
		return who, sminer.FaucetTopUp{Award: s.tokens()}
	case 1, 2:
		return who, sminer.Faucet{To: pick(s, s.miners)}
	case 3:
		return who, cesstreasury.SendFundsToPID{Funds: s.tokens()}
	case 4:
		return who, cesstreasury.SendFundsToSID{Funds: s.tokens()}
	case 5:
		return who, balances.Burn{Value: s.tokens(), KeepAlive: s.chance(2)}
	}
	to := pick(s, append(append([]account(nil), s.users...), s.miners...))
	return who, balances.TransferKeepAlive{Dest: substrate.AddressOf(to), Value: s.tokens()}
}

var fair = reservoir.EventID("fair")

func (s *sim) reserve() (account, runtime.Call) {
	who := pick(s, s.users)
	switch s.rng.IntN(4) {
	case 0:
		return who, reservoir.Store{Amount: s.tokens()}
	case 1:
		return who, reservoir.Withdraw{Amount: s.tokens()}
	case 2:
		return who, reservoir.Filling{Amount: s.tokens()}
	}
	return who, reservoir.AttendEvent{ID: fair}
}

// worker is a call about TEE workers that needs no government.
func (s *sim) worker() (account, runtime.Call) {
	if s.chance(2) {
		return pick(s, s.users), podr2.RegisterTaggerKey{
			Key: s.tagger.Bytes(), Signature: s.sign(podr2.TaggerKeyDigest(s.tagger)),
		}
	}
	tee := s.tee()
	return pick(s, []account{stash, stash, secondStash, s.users[0]}), teeworker.RegisterWorker{Info: teeworker.WorkerRegistrationInfo{
		Version: 1, MachineID: []byte("machine"), PublicKey: tee, StashAccount: scale.Some(stash), Role: teeworker.Full,
		Features: []uint32{1, 4},
	}}
}

// rootCall is what only the government may do.
func (s *sim) rootCall() (runtime.Call, bool) {
	if s.chance(2) {
		call := s.government()
		return call, call != nil
	}
	who := pick(s, s.miners)
	switch s.rng.IntN(18) {
	case 0:
		if s.chance(2) {
			return sminer.SetFaucetWhitelist{Account: pick(s, s.users)}, true
		}
		return sminer.MinerExit{Miner: who}, len(sminer.AllMiners.Get(s.Ctx())) > genesisMiners
	case 1, 2, 3, 4, 5:
		return audit.PointMinerChallenge{Miner: who}, true
	case 6:
		return audit.UpdateCountedClear{Miner: who}, true
	case 7:
		return filebank.RootClearFile{Owner: pick(s, s.users), FileHash: s.stored()}, s.chance(3)
	case 8:
		return storagehandler.DefineUpdatePrice{Price: types.Tokens(uint64(1 + s.rng.IntN(40)))}, true
	case 9:
		return cesstreasury.PIDSendFunds{Account: pick(s, s.users), Funds: s.tokens()}, true
	case 10:
		return cesstreasury.SIDSendFunds{Account: pick(s, s.users), Funds: s.tokens()}, true
	case 11:
		return cesstreasury.PIDBurnFunds{Amount: s.tokens()}, true
	case 12:
		return podr2.ClearTaggerKey{}, s.chance(4)
	case 13:
		return reservoir.CreateEvent{
			ID: fair, Quota: 2, Deadline: s.Number() + uint32(s.rng.IntN(30)), UnitAmount: s.tokens(), BorrowPeriod: uint32(s.rng.IntN(30)),
		}, true
	case 14:
		return sminer.ClearMinerService{Miner: who}, true
	case 15:
		return storagehandler.ClearServiceSpace{}, true
	case 16:
		return teeworker.ForceRegisterWorker{PublicKey: fullTEE, StashAccount: scale.Some(stash)}, true
	}
	return storagehandler.UpdatePrice{}, true
}
