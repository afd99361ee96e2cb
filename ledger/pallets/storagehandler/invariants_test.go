package storagehandler_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	sh "github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// TestInvariants runs random calls, most of which could succeed, and checks
// spec/pallets-storage.md §11 after every block.
func TestInvariants(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := machine{t: rt, w: newWorld(rt, map[string]any{"StorageHandler.FrozenLimit": 6})}
		// Little space, so that it runs out.
		m.w.do(func(ctx *runtime.Context) error {
			return sh.API{}.SubIdleSpace(ctx, gib(1024*1024-60))
		})
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			m.step()
			m.check()
		}
	})
}

// machine draws calls and keeps what the invariants compare with.
type machine struct {
	t      *rapid.T
	w      world
	orders []sh.OrderID
}

var (
	owners = rapid.SampledFrom([]substrate.AccountID{alice, bob})
	names  = rapid.SampledFrom([]string{"a", "b", "c"})
)

func (m *machine) small(label string) uint32 { return rapid.Uint32Range(0, 12).Draw(m.t, label) }

func (m *machine) ref() sh.TerritoryRef {
	var known []sh.TerritoryRef
	for _, ref := range sh.TerritoryKeys.Iter(m.w.Ctx()) {
		known = append(known, ref)
	}
	if len(known) > 0 && rapid.IntRange(0, 4).Draw(m.t, "known territory") > 0 {
		return rapid.SampledFrom(known).Draw(m.t, "territory")
	}
	return sh.TerritoryRef{
		Owner: owners.Draw(m.t, "owner"), Name: name(names.Draw(m.t, "name")),
	}
}

func (m *machine) step() {
	switch rapid.IntRange(0, 9).Draw(m.t, "kind") {
	case 0, 1:
		m.w.NextBlocks(rapid.Uint32Range(1, month/2).Draw(m.t, "blocks"))
	case 2:
		m.space()
	case 3:
		_ = m.w.Root(m.rootCall())
	default:
		m.call()
	}
}

// call runs a signed call and compares what it moved with what it says.
func (m *machine) call() {
	ref := m.ref()
	call, spend := m.signedCall(ref)
	before := m.w.paid()
	err := m.w.Run(ref.Owner, call)
	moved := m.w.paid().SaturatingSub(before)
	if err != nil {
		if !moved.IsZero() {
			m.t.Fatalf("%T failed and cost %v", call, moved)
		}
		return
	}
	if want := spend(); moved != want {
		m.t.Fatalf("%T cost %v, want %v", call, moved, want)
	}
	for _, e := range palletstest.EventsOf[sh.CreatePayOrderEvent](m.w.Chain) {
		m.orders = append(m.orders, e.OrderHash)
	}
}

func (m *machine) signedCall(ref sh.TerritoryRef) (runtime.Call, func() types.Balance) {
	free := func() types.Balance { return types.Balance{} }
	days, size := m.small("days"), m.small("gib")
	c := m.w.Chain
	switch rapid.IntRange(0, 13).Draw(m.t, "call") {
	case 0, 1:
		return sh.MintTerritory{GiBCount: size, TerritoryName: ref.Name, Days: 28 + days}, spent(c, func(e sh.MintTerritoryEvent) types.Balance { return e.Spend })
	case 2:
		return sh.ExpandingTerritory{TerritoryName: ref.Name, GiBCount: size}, spent(c, func(e sh.ExpansionTerritoryEvent) types.Balance { return e.Spend })
	case 3:
		return sh.RenewalTerritory{TerritoryName: ref.Name, Days: days}, spent(c, func(e sh.RenewalTerritoryEvent) types.Balance { return e.Spend })
	case 4:
		return sh.ReactivateTerritory{TerritoryName: ref.Name, Days: days}, spent(c, func(e sh.ReactivateTerritoryEvent) types.Balance { return e.Spend })
	case 5:
		return sh.TerritoryConsignment{TerritoryName: ref.Name, Price: types.Tokens(uint64(size))}, free
	case 6:
		return sh.CancelConsignment{TerritoryName: ref.Name}, free
	case 7:
		return sh.TerritoryGrants{TerritoryName: ref.Name, Receiver: owners.Draw(m.t, "receiver")}, free
	case 8:
		return sh.TerritoryRename{OldName: ref.Name, NewName: name(names.Draw(m.t, "new name"))}, free
	case 11, 12:
		if token, ok := m.offered(); ok {
			return sh.BuyConsignment{Token: token, Rename: name(names.Draw(m.t, "new name"))}, free
		}
	case 13:
		if token, ok := m.offered(); ok {
			return sh.CancelPurchaseAction{Token: token}, free
		}
	case 9:
		if len(m.orders) > 0 {
			id := rapid.SampledFrom(m.orders).Draw(m.t, "order")
			order, _ := sh.PayOrders.Get(m.w.Ctx(), id)
			return sh.ExecOrder{OrderID: id}, func() types.Balance { return order.Pay }
		}
	}
	return sh.CreateOrder{
		TargetAccount: ref.Owner, TerritoryName: ref.Name, OrderType: sh.OrderType(rapid.IntRange(0, 2).Draw(m.t, "type")),
		GiBCount: size, Days: days * 4, Expired: m.small("expired"),
	}, free
}

// offered is a territory for sale, if there is one.
func (m *machine) offered() (sh.TokenID, bool) {
	var tokens []sh.TokenID
	for token := range sh.Consignments.Iter(m.w.Ctx()) {
		tokens = append(tokens, token)
	}
	if len(tokens) == 0 {
		return sh.TokenID{}, false
	}
	return rapid.SampledFrom(tokens).Draw(m.t, "offer"), true
}

// spent is the price in the block's event of one kind.
func spent[E any](c *palletstest.Chain, price func(E) types.Balance) func() types.Balance {
	return func() types.Balance {
		if events := palletstest.EventsOf[E](c); len(events) == 1 {
			return price(events[0])
		}
		return scale.MaxU128
	}
}

func (m *machine) rootCall() runtime.Call {
	ref := m.ref()
	t, _ := sh.Territories.Get(m.w.Ctx(), ref.Owner, ref.Name)
	soon := m.w.Number() + m.small("ahead")*3
	switch rapid.IntRange(0, 3).Draw(m.t, "root call") {
	case 0:
		return sh.UpdateUserTerritoryLife{User: ref.Owner, TerritoryName: ref.Name, Deadline: soon}
	case 1:
		return sh.UpdateExpiredExec{OldBlock: t.Deadline + frozen, NewBlock: t.Deadline + frozen, Token: t.Token}
	case 2:
		return sh.FixTerritorySpaceForReactivate{Account: ref.Owner, TerritoryName: ref.Name}
	}
	return sh.DefineUpdatePrice{Price: types.Tokens(uint64(20 + m.small("price")))}
}

// space does with a territory what FileBank does.
func (m *machine) space() {
	ref, bytes := m.ref(), scale.U128From64(rapid.Uint64Range(0, 3*types.GiB).Draw(m.t, "bytes"))
	api := sh.API{}
	fn := rapid.SampledFrom([]func(*runtime.Context, substrate.AccountID, types.TerritoryName, scale.U128) error{
		api.AddUsed, api.SubUsed, api.LockSpace, api.UnlockSpace, api.UseLocked,
	}).Draw(m.t, "space")
	_ = m.w.Do(func(ctx *runtime.Context) error { return fn(ctx, ref.Owner, ref.Name, bytes) })
}

func (m *machine) check() {
	for _, err := range []error{m.checkTerritories(), m.checkAgendas(), m.checkMoney()} {
		if err != nil {
			m.t.Fatalf("block %d: %v", m.w.Number(), err)
		}
	}
}

// Invariants 1, 4, 5 and 7.
func (m *machine) checkTerritories() error {
	ctx := m.w.Ctx()
	n, purchased, offers := 0, scale.U128{}, 0
	reserved := map[substrate.AccountID]types.Balance{}
	for token, ref := range sh.TerritoryKeys.Iter(ctx) {
		t, ok := sh.Territories.Get(ctx, ref.Owner, ref.Name)
		sum := t.UsedSpace.SaturatingAdd(t.LockedSpace).SaturatingAdd(t.RemainingSpace)
		switch {
		case !ok || t.Token != token:
			return fmt.Errorf("1:1 of tokens and territories: token %v leads to %+v", token, t)
		case sum != t.TotalSpace || t.TotalSpace.Mod64(types.GiB) != 0:
			return fmt.Errorf("space adds up: %+v", t)
		}
		n++
		if t.State != sh.TerritoryExpired {
			purchased = purchased.SaturatingAdd(t.TotalSpace)
		}
		offer, sold := sh.Consignments.Get(ctx, token)
		if sold != (t.State == sh.TerritoryOnConsignment) || sold && (offer.User != ref.Owner || !t.UsedSpace.IsZero()) {
			return fmt.Errorf("offers are for territories on consignment: %+v, %+v", t, offer)
		}
		if sold {
			offers++
		}
		buyer, bought := offer.Buyer.Get()
		at, due := offer.ExecBlock.Get()
		if bought != offer.Locked || due != offer.Locked || bought != m.w.scheduled(token) || bought && at <= m.w.Number() {
			return fmt.Errorf("a sale has a buyer, a block and a task: %+v", offer)
		}
		if bought {
			reserved[buyer] = reserved[buyer].SaturatingAdd(offer.Price)
		}
	}
	for _, who := range []substrate.AccountID{alice, bob} {
		if got := m.w.reserved(who); got != reserved[who] {
			return fmt.Errorf("a buyer has %v reserved for purchases of %v", got, reserved[who])
		}
	}
	switch {
	case n != len(m.w.under(sh.Territories)):
		return fmt.Errorf("%d tokens, %d territories", n, len(m.w.under(sh.Territories)))
	case offers != len(m.w.under(sh.Consignments)):
		return fmt.Errorf("%d territories on consignment, %d offers", offers, len(m.w.under(sh.Consignments)))
	case purchased != sh.PurchasedSpace.Get(ctx):
		return fmt.Errorf("purchased space is %v, territories have %v", sh.PurchasedSpace.Get(ctx), purchased)
	case sh.TotalIdleSpace.Get(ctx).Less(purchased):
		return fmt.Errorf("%v bytes sold of %v", purchased, sh.TotalIdleSpace.Get(ctx))
	}
	return nil
}

// Invariant 6, and nothing else in the agendas.
func (m *machine) checkAgendas() error {
	ctx, now := m.w.Ctx(), m.w.Number()
	freezes, expiries := 0, 0
	for token, ref := range sh.TerritoryKeys.Iter(ctx) {
		t, _ := sh.Territories.Get(ctx, ref.Owner, ref.Name)
		due := true
		switch t.State {
		case sh.TerritoryActive, sh.TerritoryOnConsignment:
			freezes++
			due = t.Deadline > now && sh.FreezeAgenda.Contains(ctx, t.Deadline, token)
		case sh.TerritoryFrozen:
			expiries++
			due = t.Deadline+frozen > now && sh.ExpiryAgenda.Contains(ctx, t.Deadline+frozen, token)
		}
		if !due {
			return fmt.Errorf("the agendas miss %+v", t)
		}
	}
	if got := len(m.w.under(sh.FreezeAgenda)); got != freezes {
		return fmt.Errorf("%d leases to freeze, %d entries", freezes, got)
	}
	if got := len(m.w.under(sh.ExpiryAgenda)); got != expiries {
		return fmt.Errorf("%d leases to expire, %d entries", expiries, got)
	}
	counted := uint32(0)
	for at, n := range sh.FreezeAgendaCount.Iter(ctx) {
		entries := uint32(0)
		for range sh.FreezeAgenda.IterPrefix(ctx, at) {
			entries++
		}
		if entries != n || n == 0 || n >= sh.FrozenLimit.Get(ctx) {
			return fmt.Errorf("block %d has %d entries and counts %d", at, entries, n)
		}
		counted += n
	}
	if counted != uint32(freezes) {
		return fmt.Errorf("%d entries, %d counted", freezes, counted)
	}
	return nil
}

// Invariant 13.
func (m *machine) checkMoney() error {
	ctx := m.w.Ctx()
	sum := types.Balance{}
	for _, account := range system.Accounts.Iter(ctx) {
		sum = sum.SaturatingAdd(account.Data.Free).SaturatingAdd(account.Data.Reserved)
	}
	if total := balances.TotalIssuance.Get(ctx); sum != total {
		return fmt.Errorf("accounts have %v, the total issuance is %v", sum, total)
	}
	return nil
}
