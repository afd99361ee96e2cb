package auditor

import (
	"maps"
	"slices"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/indices"
	"github.com/gocess/gocess/ledger/pallets/multisig"
	"github.com/gocess/gocess/ledger/pallets/preimage"
	"github.com/gocess/gocess/ledger/pallets/proxy"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// money holds that the issuance is what all accounts have.
func (a *auditor) money() {
	var sum scale.U128
	for _, info := range system.Accounts.Iter(a.ctx) {
		sum = sum.SaturatingAdd(info.Data.Free).SaturatingAdd(info.Data.Reserved)
	}
	a.equal(Issued(a.ctx), sum, "total issuance")
	a.reserves()
}

// reserves holds that whatever is reserved is reserved for something: miners'
// collateral and refunds of it to come, the price of a territory that changes
// hands, deposits for preimages, indices, proxies, announcements and operations
// of several signatories.
func (a *auditor) reserves() {
	pledged := map[account]types.Balance{}
	add := func(who account, x types.Balance) { pledged[who] = pledged[who].SaturatingAdd(x) }
	for _, m := range sminer.Miners.Iter(a.ctx) {
		add(m.StakingAccount, m.Collateral)
	}
	for _, list := range sminer.ReturnStakingSchedule.Iter(a.ctx) {
		for _, r := range list {
			add(r.StakingAccount, r.Amount)
		}
	}
	for _, offer := range storagehandler.Consignments.Iter(a.ctx) {
		if buyer, ok := offer.Buyer.Get(); ok && offer.Locked {
			add(buyer, offer.Price)
		}
	}
	for _, status := range preimage.Statuses.Iter(a.ctx) {
		switch s := status.(type) {
		case preimage.Unrequested:
			add(s.Ticket.Owner, s.Ticket.Ticket.Amount)
		case preimage.Requested:
			if d, ok := s.MaybeTicket.Get(); ok {
				add(d.Owner, d.Ticket.Amount)
			}
		}
	}
	for _, o := range indices.Accounts.Iter(a.ctx) {
		add(o.Account, o.Deposit)
	}
	proxy.Held(a.ctx, add)
	a.ctx.Scan(multisig.Multisigs.Prefix(), nil, func(key, value []byte) bool {
		op, err := multisig.Multisigs.DecodeValue(value)
		if err != nil {
			a.fault("operation of several signatories %x: %w", key, err)
			return true
		}
		add(op.Depositor, op.Deposit)
		return true
	})
	for who, info := range system.Accounts.Iter(a.ctx) {
		a.equal(info.Data.Reserved, pledged[who], "reserved on account %s", short(who))
		delete(pledged, who)
	}
	for _, who := range slices.SortedFunc(maps.Keys(pledged), compareAccounts) {
		a.equal(scale.U128{}, pledged[who], "reserved on account %s, which does not exist", short(who))
	}
}

func compareAccounts(x, y account) int { return slices.Compare(x[:], y[:]) }

var stakingLock = balances.Identifier([]byte("staking "))

// staking holds that bonds are the sum of their parts, and locked. An account
// may own less than it bonded: reserved balance counts as locked first, and a
// fine takes a miner's collateral all the same.
func (a *auditor) staking() {
	for owner, controller := range staking.Bonded.Iter(a.ctx) {
		l, ok := staking.Ledgers.Get(a.ctx, controller)
		if !ok || l.Stash != owner {
			a.fault("%s is bonded without a ledger", short(owner))
		}
		parts := l.Active
		for _, chunk := range l.Unlocking {
			parts = parts.SaturatingAdd(chunk.Value)
		}
		a.equal(parts, l.Total, "the bond of %s", short(owner))
		a.equal((balances.API{}).Locked(a.ctx, owner, stakingLock), l.Total, "the lock of the bond of %s", short(owner))
	}
}
