package sim

import (
	"encoding/hex"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
)

// join takes one of the steps from an account to a miner in service. A miner
// that left cannot come back: others take its place.
func (s *sim) join() (account, runtime.Call) {
	var fresh, waiting []account
	for _, who := range s.miners[genesisMiners:] {
		switch state, err := (sminer.API{}).State(s.Ctx(), who); {
		case err != nil:
			fresh = append(fresh, who)
		case state == sminer.StateNotReady:
			waiting = append(waiting, who)
		}
	}
	who := pick(s, s.miners)
	switch {
	case len(waiting) > 0:
		who = pick(s, waiting)
	case len(fresh) > 0 && len(sminer.AllMiners.Get(s.Ctx())) < genesisMiners+4:
		who = pick(s, fresh)
	case s.hopeless():
		return who, nil
	}
	if !sminer.Miners.Contains(s.Ctx(), who) {
		if s.chance(3) {
			return who, sminer.RegnstkAssignStaking{
				Beneficiary: who, Endpoint: types.Endpoint("127.0.0.1:15001"), StakingAccount: pick(s, s.users), TiBCount: 1,
			}
		}
		return who, sminer.Regnstk{
			Beneficiary: who, Endpoint: types.Endpoint("127.0.0.1:15001"), TiBCount: uint32(s.rng.IntN(3)),
			Staking: types.Tokens(uint64(4000 * s.rng.IntN(4))),
		}
	}
	key := poisKey(who)
	key.N[10] = byte(s.rng.IntN(256))
	info := types.SpaceProofInfo{Miner: who, PoISKey: key, Accumulator: key.G}
	tee := s.tee()
	return who, sminer.RegisterPoISKey{
		PoISKey: key, TEEPuk: tee, TEESigNeedVerify: s.sign(sminer.PoISText(info, tee)),
		TEESig: s.sign(crypto.Blake2b256([]byte("kept as it is"))),
	}
}

func (s *sim) exit() (account, runtime.Call) {
	who := pick(s, s.miners)
	m, _ := sminer.Miners.Get(s.Ctx(), who)
	if s.chance(3) {
		return m.StakingAccount, sminer.MinerExitPrep{Miner: who}
	}
	for _, left := range s.left() {
		if s.chance(2) {
			return left, sminer.MinerWithdraw{}
		}
	}
	if s.hopeless() {
		return who, nil
	}
	return who, sminer.MinerWithdraw{}
}

func (s *sim) minerBooks() (account, runtime.Call) {
	who := pick(s, s.miners)
	switch s.rng.IntN(12) {
	case 0:
		return who, sminer.UpdateBeneficiary{Beneficiary: pick(s, s.users)}
	case 1:
		return who, sminer.UpdateEndpoint{Endpoint: types.Endpoint("127.0.0.1:15002")}
	case 2:
		return who, sminer.IncreaseDeclarationSpace{TiBCount: uint32(s.rng.IntN(2))}
	case 3:
		return who, sminer.DecreaseDeclarationSpace{TiBCount: uint32(s.rng.IntN(2))}
	case 4, 5, 6, 7:
		m, _ := sminer.Miners.Get(s.Ctx(), who)
		return m.StakingAccount, sminer.IncreaseCollateral{Miner: who, Collateral: types.Tokens(uint64(s.rng.IntN(5000)))}
	case 8:
		return who, podr2.SetVersion{Version: uint8(s.rng.IntN(4))}
	}
	return who, sminer.ReceiveReward{}
}

// challenged is a miner with a challenge, if there is one, that fits.
func (s *sim) challenged(fits func(*audit.Challenge) bool) (account, audit.Challenge, bool) {
	var who []account
	var list []audit.Challenge
	for m, c := range audit.Challenges.Iter(s.Ctx()) {
		if fits(&c) {
			who, list = append(who, m), append(list, c)
		}
	}
	if len(who) == 0 {
		return pick(s, s.miners), audit.Challenge{}, !s.hopeless()
	}
	i := s.rng.IntN(len(who))
	return who[i], list[i], true
}

var idleHash = make([]byte, 32)

// garbageProof is a well-formed proof of version 2 of nothing.
var garbageProof = func() []byte {
	point, err := hex.DecodeString("97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb")
	if err != nil {
		panic(err)
	}
	proof := append([]byte{podr2.Version2}, point...)
	proof = append(proof, make([]byte, 32)...)
	return append(proof, point...)
}()

func (s *sim) serviceProof() []byte {
	switch s.rng.IntN(4) {
	case 0:
		return nil
	case 1:
		return []byte("12345678901234567890")
	}
	return garbageProof
}

func (s *sim) prove() (account, runtime.Call) {
	if s.chance(2) {
		who, _, ok := s.challenged(func(c *audit.Challenge) bool { return c.Proofs.Idle.IsNone() })
		if !ok {
			return who, nil
		}
		return who, audit.SubmitIdleProof{Proof: idleHash}
	}
	who, _, ok := s.challenged(func(c *audit.Challenge) bool { return c.Proofs.Service.IsNone() })
	if !ok {
		return who, nil
	}
	return who, audit.SubmitServiceProof{Proof: s.serviceProof()}
}

// judge hands in a verdict, mostly a good one and mostly on a proof that waits.
func (s *sim) judge() (account, runtime.Call) {
	good, tee := s.rng.IntN(20) > 0, s.tee()
	if s.chance(2) {
		who, c, ok := s.challenged(func(c *audit.Challenge) bool { p, ok := c.Proofs.Idle.Get(); return ok && p.Verdict.IsNone() })
		if !ok {
			return who, nil
		}
		i := c.Snapshot.SpaceProofInfo
		signed := audit.IdleVerdict{
			Miner: who, ProofHash: idleHash, Front: i.Front, Rear: i.Rear, Accumulator: i.Accumulator,
			SpaceParam: c.Element.SpaceParam, Result: good, TEE: tee,
		}
		return who, audit.SubmitVerifyIdleResult{
			ProofHash: idleHash, Front: i.Front, Rear: i.Rear, Accumulator: i.Accumulator, Result: good,
			Signature: s.sign(signed.Digest()), TEE: tee,
		}
	}
	who, c, ok := s.challenged(func(c *audit.Challenge) bool { p, ok := c.Proofs.Service.Get(); return ok && p.Verdict.IsNone() })
	if !ok {
		return who, nil
	}
	p, _ := c.Proofs.Service.Get()
	signed := audit.ServiceVerdict{
		Miner: who, TEE: tee, Proof: p.Proof, Result: good,
		Challenge: c.Element.ServiceParam, BloomFilter: c.Snapshot.ServiceBloomFilter,
	}
	return who, audit.SubmitVerifyServiceResult{
		Result: good, Signature: s.sign(signed.Digest()), BloomFilter: c.Snapshot.ServiceBloomFilter, TEE: tee,
	}
}

func (s *sim) dispute() (account, runtime.Call) {
	judged := s.rng.IntN(4) > 0
	who, _, ok := s.challenged(func(c *audit.Challenge) bool {
		p, ok := c.Proofs.Service.Get()
		two := podr2.Versions.Get(s.Ctx(), c.Snapshot.SpaceProofInfo.Miner) == podr2.Version2
		return ok && p.Verdict.IsSome() == judged && (two || s.chance(8))
	})
	if !ok {
		return who, nil
	}
	if judged {
		return pick(s, s.users), podr2.Dispute{Miner: who}
	}
	return pick(s, s.users), podr2.Judge{Miner: who}
}
