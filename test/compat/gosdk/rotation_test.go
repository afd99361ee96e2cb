package gosdk

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/AstaFrode/go-substrate-rpc-client/v4/types"
	"github.com/CESSProject/cess-go-sdk/chain"
)

// rotating are the pallets whose state a change of validators moves.
var rotating = []string{"Babe.", "CessTreasury.", "SchedulerCredit.", "Session.", "Staking."}

// The state of a network whose seats rotate, era by era and validator by
// validator. It runs where CESS_ROTATES is set: on a network with some eras that
// are over and paid, and with a nominator (TestRotation of test/e2e).
func TestRotatingNetwork(t *testing.T) {
	if os.Getenv("CESS_ROTATES") == "" {
		t.Skip("CESS_ROTATES is not set: no network with rotating seats runs")
	}
	r := network(t)
	w := &world{t: t, net: r, ours: startOurs(t, r), alice: newActor(t, r, "//Alice")}
	w.bob = w.aNominator()
	paid := w.paidEra()
	if paid == 0 {
		t.Fatal("no era is over and paid")
	}
	found := map[string]bool{}
	queries := slices.DeleteFunc(w.queries(), func(q query) bool {
		return !slices.ContainsFunc(rotating, func(p string) bool { return strings.HasPrefix(q.item, p) })
	})
	ask := func(t *testing.T, q query) {
		t.Run(q.method, func(t *testing.T) { found[q.method] = w.holds(t, q) || found[q.method] })
	}
	validators := must[[]types.AccountID](t)(w.alice.QueryValidators(-1))
	for w.past = 1; w.past <= paid; w.past++ {
		for i, v := range validators {
			w.validator = v[:]
			for _, q := range queries {
				if q.keys != nil || w.past == 1 && i == 0 {
					ask(t, q)
				}
			}
		}
	}
	for _, q := range queries {
		if q.method == "QueryCurrentCounters" && !found[q.method] {
			found[q.method] = w.holdsCounters(t, q)
		}
		switch {
		case found[q.method]:
		case q.lacks == "" || q.lacks == soon:
			t.Errorf("%s: nothing is stored for any of %d eras and %d validators", q.method, paid, len(validators))
		default:
			t.Logf("%s: nothing is stored: %s", q.method, q.lacks)
		}
	}
	t.Logf("%d queries for %d eras and %d validators", len(queries), paid, len(validators))
}

// holdsCounters compares the counters of a worker's stash at a block at which it
// has some: they begin anew with every credit period.
func (w *world) holdsCounters(t *testing.T, q query) bool {
	t.Helper()
	workers := must[[]chain.WorkerInfo](t)(w.alice.QueryAllWorkers(-1))
	for _, worker := range workers {
		if ok, stash := worker.StashAccount.Unwrap(); ok {
			w.validator = stash[:]
		}
	}
	for number := must[uint32](t)(w.alice.QueryBlockNumber("")); number > 0; number-- {
		hash := must[types.Hash](t)(w.alice.ChainGetBlockHash(number))
		if _, set := w.ours.item(q.item, hash.Hex(), w.validator); !set {
			continue
		}
		if _, err := w.hold(q, int32(number), hash.Hex()); err != nil {
			t.Errorf("%s at block %d: %v", q.method, number, err)
		}
		return true
	}
	return false
}

// aNominator is one of the development accounts that nominates.
func (w *world) aNominator() actor {
	w.t.Helper()
	for _, a := range w.net.Accounts {
		if _, set := w.ours.item("Staking.Nominators", "", w.publicKey(a.Address)); set {
			return newActor(w.t, w.net, "//"+a.Name)
		}
	}
	w.t.Fatal("none of the development accounts nominates")
	return actor{}
}
