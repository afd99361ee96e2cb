package filebank_test

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
)

// TestInvariants plays random calls of users, operators and miners, with
// leases that end, deals that time out and miners that come and go, and holds
// after every block that all records agree (audit), that no deal or file
// appears or vanishes without a reason (model), and that file calls cost their
// fee and nothing else.
func TestInvariants(t *testing.T) {
	done := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		for what, n := range play(t, 60) {
			done[what] += n
		}
	})
	t.Logf("%v", done)
}

func play(t *rapid.T, steps int) map[string]int {
	m := newMachine(t)
	actions := []func(*rapid.T){
		// rapid draws the first ones most.
		m.finish, m.restoral, m.declare, m.restoral, m.tag, m.finish, m.restoral, m.declare, m.deliver,
		m.prove, m.challenge, m.leave, m.restoral, m.declare, m.finish, m.tag, m.delete, m.restoral, m.prove,
		m.report, m.lease, m.wait, m.changeState, m.lose, m.claim, m.restore, m.clear,
	}
	for range rapid.IntRange(steps/4, steps).Draw(t, "steps") {
		actions[rapid.IntRange(0, len(actions)-1).Draw(t, "action")](t)
		m.check(t)
	}
	m.drain(t)
	return m.done
}

// expired says whether the clean-up may take, or has taken, the territory.
func (m *machine) expired(where string) bool {
	place := m.places[where]
	t, ok := storagehandler.Territories.Get(m.Ctx(), place.Owner, place.Name)
	if !ok {
		m.t.Fatal("a territory is gone that held something")
	}
	// One block may expire a territory, empty it and see it reactivated.
	return t.State == storagehandler.TerritoryExpired || where == m.reborn
}

// settle drops from the model what an expired territory lost in this block and
// the deals whose time is over.
func (m *machine) settle(t *rapid.T) {
	owners, deals := m.actual()
	for e := range m.owners {
		if m.expired(e.where) {
			if owners[e] > m.owners[e] {
				t.Fatal("an expired territory got a file")
			}
			m.done["entries expired"] += m.owners[e] - owners[e]
			m.owners[e] = owners[e]
		}
		if m.owners[e] == 0 {
			delete(m.owners, e)
		}
	}
	for e, deadline := range m.deals {
		switch {
		case deadline <= m.Number():
			m.done["timed out"]++
			delete(m.deals, e)
		case m.expired(e.where) && deals[e] == 0:
			m.done["deals expired"]++
			delete(m.deals, e)
		}
	}
}

// actual is the chain's side of the model.
func (m *machine) actual() (owners map[entry]int, deals map[entry]uint32) {
	owners, deals = map[entry]int{}, map[entry]uint32{}
	for fid, f := range filebank.Files.Iter(m.Ctx()) {
		for _, o := range f.Owner {
			owners[entry{fid, m.place(o.User, string(o.TerritoryName))}]++
		}
	}
	for fid, d := range filebank.Deals.Iter(m.Ctx()) {
		deadline, _ := filebank.DealDeadlines.Get(m.Ctx(), fid)
		deals[entry{fid, m.place(d.User.User, string(d.User.TerritoryName))}] = deadline
	}
	return owners, deals
}

func (m *machine) check(t *rapid.T) {
	m.settle(t)
	if err := audit(m.Ctx()); err != nil {
		t.Fatalf("block %d: %v", m.Number(), err)
	}
	owners, deals := m.actual()
	if !maps.Equal(owners, m.owners) {
		t.Fatalf("block %d: %d owner entries, the model has %d", m.Number(), len(owners), len(m.owners))
	}
	if !maps.Equal(deals, m.deals) {
		t.Fatalf("block %d: %d deals, the model has %d, or their deadlines differ", m.Number(), len(deals), len(m.deals))
	}
	for _, ref := range storagehandler.TerritoryKeys.Iter(m.Ctx()) {
		where := ref2territory(ref)
		busy := slices.ContainsFunc(slices.Collect(maps.Keys(m.owners)), func(e entry) bool { return e.where == key(where) }) ||
			slices.ContainsFunc(slices.Collect(maps.Keys(m.deals)), func(e entry) bool { return e.where == key(where) })
		m.place(where.Owner, string(where.Name))
		if m.expired(key(where)) && busy && !filebank.Clearing(m.Ctx(), where) {
			t.Fatal("an expired territory holds something and is not in the queue")
		}
	}
}

// drain lets everything run out: at the end nothing is left of files, deals
// and locks.
func (m *machine) drain(t *rapid.T) {
	for range 400 {
		m.NextBlocks(1)
		m.settle(t)
		if len(m.owners)+len(m.deals)+len(filebank.ClearUserList.Get(m.Ctx())) == 0 {
			break
		}
	}
	m.check(t)
	if len(m.owners)+len(m.deals) > 0 {
		t.Fatalf("%d owner entries and %d deals never end", len(m.owners), len(m.deals))
	}
	for range filebank.Files.Iter(m.Ctx()) {
		t.Fatal("a file outlives its owners")
	}
	for _, list := range filebank.UserFiles.Iter(m.Ctx()) {
		if len(list) > 0 {
			t.Fatal("a user's list outlives the files")
		}
	}
	if got := storagehandler.TotalServiceSpace.Get(m.Ctx()); !got.IsZero() {
		t.Fatalf("%v bytes of service space are left", got)
	}
	if locks := filebank.ColumnLocks(m.Ctx()); len(locks) > 0 {
		t.Fatalf("locks of %d miners are left", len(locks))
	}
	for range filebank.RestoralOrders.Iter(m.Ctx()) {
		t.Fatal("an order outlives its file")
	}
}
