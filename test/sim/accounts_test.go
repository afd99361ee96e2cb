package sim

import (
	"slices"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/cacher"
	evm "github.com/gocess/gocess/ledger/pallets/evmaccountmapping"
	"github.com/gocess/gocess/ledger/pallets/indices"
	"github.com/gocess/gocess/ledger/pallets/multisig"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/proxy"
	"github.com/gocess/gocess/ledger/pallets/utility"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// errand is one of a few calls that are made in somebody else's name.
func (s *sim) errand() runtime.RuntimeCall {
	n := s.rng.IntN(4)
	return runtime.RuntimeCall{Call: balances.TransferKeepAlive{
		Dest: substrate.AddressOf(s.users[n%len(s.users)]), Value: types.Tokens(uint64(1 + n)),
	}}
}

func nameOf(call runtime.RuntimeCall) substrate.H256 {
	return crypto.Blake2b256(scale.MustMarshal(call))
}

// index is a call about one of a few short indices.
func (s *sim) index() (account, runtime.Call) {
	i, who := uint32(s.rng.IntN(10)), pick(s, s.users)
	owner, taken := indices.Accounts.Get(s.Ctx(), i)
	if taken && s.rng.IntN(6) > 0 {
		who = owner.Account
	}
	switch s.rng.IntN(8) {
	case 0, 1, 2:
		return who, indices.Claim{Index: i}
	case 3, 4:
		return who, indices.Transfer{New: substrate.AddressOf(pick(s, s.users)), Index: i}
	case 5:
		return who, indices.Freeze{Index: 100 + uint32(s.rng.IntN(3))} // for ever: few
	case 6:
		return who, indices.Claim{Index: 100 + uint32(s.rng.IntN(3))}
	}
	return who, indices.Free{Index: i}
}

// pure is an account without a key.
type pure struct {
	account account
	kill    proxy.KillPure
}

const mostPures = 4

func (s *sim) proxyType() proxy.Type {
	return pick(s, []proxy.Type{proxy.Any, proxy.Any, proxy.NonTransfer, proxy.Governance, proxy.Staking})
}

// learn remembers the pure proxies that the last block made, and pays them, and
// forgets those that are gone.
func (s *sim) learn() {
	for _, e := range palletstest.EventsOf[proxy.PureCreatedEvent](s.Chain) {
		s.pures = append(s.pures, pure{account: e.Pure, kill: proxy.KillPure{
			Spawner: substrate.AddressOf(e.Who), Type: e.ProxyType, Index: e.DisambiguationIndex, Height: s.Number(),
		}})
	}
	s.pures = slices.DeleteFunc(s.pures, func(p pure) bool { return !proxy.Proxies.Contains(s.Ctx(), p.account) })
}

// proxy is a call by which somebody acts for another, or lets it.
func (s *sim) proxy() (account, runtime.Call) {
	who, other := pick(s, s.users), pick(s, s.users)
	delay := types.BlockNumber(s.rng.IntN(2) * 4)
	switch s.rng.IntN(10) {
	case 0, 1:
		return who, proxy.AddProxy{Delegate: substrate.AddressOf(other), Type: s.proxyType(), Delay: delay}
	case 2:
		if list := proxy.Proxies.Get(s.Ctx(), who).List; len(list) > 0 {
			d := pick(s, list)
			return who, proxy.RemoveProxy{Delegate: substrate.AddressOf(d.Delegate), Type: d.Type, Delay: d.Delay}
		}
		return who, proxy.RemoveProxies{}
	case 3:
		return who, proxy.RemoveProxies{}
	case 4:
		if len(s.pures) >= mostPures {
			return who, nil
		}
		return who, proxy.CreatePure{Type: s.proxyType(), Index: uint16(s.rng.IntN(2))}
	case 5, 6:
		if len(s.pures) > 0 {
			return s.asPure(pick(s, s.pures))
		}
	}
	real, call := other, s.errand()
	if s.chance(3) {
		call = runtime.RuntimeCall{Call: proxy.AddProxy{Delegate: substrate.AddressOf(pick(s, s.users)), Type: s.proxyType()}}
	}
	if list := proxy.Proxies.Get(s.Ctx(), real).List; len(list) > 0 {
		who = pick(s, list).Delegate
	}
	return who, proxy.Proxy{Real: substrate.AddressOf(real), Call: call}
}

// asPure acts for an account without a key, pays it, or ends it.
func (s *sim) asPure(p pure) (account, runtime.Call) {
	list := proxy.Proxies.Get(s.Ctx(), p.account).List
	if len(list) == 0 {
		return pick(s, s.users), nil
	}
	who := pick(s, list).Delegate
	var call runtime.Call
	switch s.rng.IntN(5) {
	case 0:
		return who, balances.TransferKeepAlive{Dest: substrate.AddressOf(p.account), Value: types.Tokens(50)}
	case 1:
		p.kill.Extrinsic = uint32(s.rng.IntN(2 * callsPerBlock))
		call = p.kill
	case 2:
		call = proxy.AddProxy{Delegate: substrate.AddressOf(pick(s, s.users)), Type: s.proxyType()}
	case 3:
		call = proxy.RemoveProxies{}
	default:
		call = s.errand().Call
	}
	return who, proxy.Proxy{Real: substrate.AddressOf(p.account), Call: runtime.RuntimeCall{Call: call}}
}

// announce is a call of a proxy that must announce what it means to do.
func (s *sim) announce() (account, runtime.Call) {
	who, real, call := pick(s, s.users), pick(s, s.users), s.errand()
	pending := proxy.Announcements.Get(s.Ctx(), who).List
	if len(pending) > 0 && s.chance(2) {
		a := pick(s, pending)
		switch s.rng.IntN(3) {
		case 0:
			return who, proxy.RemoveAnnouncement{Real: substrate.AddressOf(a.Real), CallHash: a.CallHash}
		case 1:
			return a.Real, proxy.RejectAnnouncement{Delegate: substrate.AddressOf(who), CallHash: a.CallHash}
		}
		for range 8 {
			if nameOf(call) == a.CallHash {
				break
			}
			call = s.errand()
		}
		return pick(s, s.users), proxy.ProxyAnnounced{Delegate: substrate.AddressOf(who), Real: substrate.AddressOf(a.Real), Call: call}
	}
	if list := proxy.Proxies.Get(s.Ctx(), real).List; len(list) > 0 {
		who = pick(s, list).Delegate
	}
	return who, proxy.Announce{Real: substrate.AddressOf(real), CallHash: nameOf(call)}
}

// several is a step of two of three users towards a call in common.
func (s *sim) several() (account, runtime.Call) {
	who := pick(s, s.users)
	if s.chance(8) {
		return who, multisig.AsMultiThreshold1{OtherSignatories: s.others(who), Call: s.errand()}
	}
	const threshold = 2
	all := append(s.others(who), who)
	slices.SortFunc(all, compareAccounts)
	id, call := multisig.Account(all, threshold), s.errand()
	if s.chance(6) {
		to := pick(s, []account{id, multisig.Account(all, 1)})
		return who, balances.TransferKeepAlive{Dest: substrate.AddressOf(to), Value: types.Tokens(50)}
	}
	hash := multisig.CallHash(nameOf(call))
	when := scale.None[multisig.Timepoint]()
	op, begun := multisig.Multisigs.Get(s.Ctx(), id, hash)
	if begun {
		when = scale.Some(op.When)
		if s.chance(5) {
			return op.Depositor, multisig.CancelAsMulti{Threshold: threshold, OtherSignatories: s.others(op.Depositor), Timepoint: op.When, CallHash: hash}
		}
	}
	if s.chance(3) {
		return who, multisig.ApproveAsMulti{Threshold: threshold, OtherSignatories: s.others(who), MaybeTimepoint: when, CallHash: hash}
	}
	return who, multisig.AsMulti{
		Threshold: threshold, OtherSignatories: s.others(who), MaybeTimepoint: when, Call: call,
		MaxWeight: substrate.Weight{RefTime: 1e12, ProofSize: 1 << 40},
	}
}

// others are the users but one, in order.
func (s *sim) others(who account) []account {
	list := slices.DeleteFunc(slices.Clone(s.users), func(u account) bool { return u == who })
	slices.SortFunc(list, compareAccounts)
	return list
}

func compareAccounts(a, b account) int { return slices.Compare(a[:], b[:]) }

func (s *sim) cacher() (account, runtime.Call) {
	who := pick(s, s.users)
	info := cacher.Info{Payee: pick(s, s.users), IP: cacher.IPv4{Address: [4]byte{127, 0, 0, 1}, Port: 1}, BytePrice: types.Tokens(1)}
	switch s.rng.IntN(6) {
	case 0:
		return who, cacher.Register{Info: info}
	case 1:
		return who, cacher.Update{Info: info}
	case 2:
		return who, cacher.Logout{}
	}
	var bills cacher.Bills
	for range s.rng.IntN(4) {
		bills = append(bills, cacher.Bill{To: pick(s, s.users), Amount: s.tokens()})
	}
	return who, cacher.Pay{Bills: bills}
}

// wrap puts a call into one of those that hold others.
func (s *sim) wrap(who account, call runtime.Call) runtime.Call {
	inner := runtime.RuntimeCall{Call: call}
	list := []runtime.RuntimeCall{inner, s.errand()}
	if s.chance(2) {
		slices.Reverse(list)
	}
	switch s.rng.IntN(5) {
	case 0:
		return utility.Batch{Calls: list}
	case 1:
		return utility.BatchAll{Calls: list}
	case 2:
		return utility.ForceBatch{Calls: list}
	case 3:
		return utility.AsDerivative{Index: uint16(s.rng.IntN(2)), Call: inner}
	}
	return balances.TransferKeepAlive{Dest: substrate.AddressOf(utility.Derivative(who, uint16(s.rng.IntN(2)))), Value: types.Tokens(100)}
}

// bare makes a block with a call that an Ethereum key signed, in an extrinsic
// that nobody signed.
func (s *sim) bare() {
	who := account(s.ethereum.AccountID())
	m := evm.MetaCall{Who: who, Call: s.errand(), Nonce: evm.Nonces.Get(s.Ctx(), who) + uint64(s.rng.IntN(9)/8)}
	digest, err := m.Digest(s.Runtime())
	if err != nil {
		s.t.Fatal(err)
	}
	m.Signature = s.ethereum.SignDigest(digest)
	if s.chance(6) {
		m.Signature[s.rng.IntN(len(m.Signature))] ^= 1
	}
	x := runtime.Extrinsic{Call: runtime.RuntimeCall{Call: m}}
	raw, err := x.Encode()
	if err != nil {
		s.t.Fatal(err)
	}
	s.note("an Ethereum key", name(m))
	before := s.Number()
	s.count(name(m), s.Submit(raw))
	if s.Number() > before { // a bad signature makes no block
		s.after()
	}
}
