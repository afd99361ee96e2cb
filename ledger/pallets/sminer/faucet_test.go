package sminer_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
)

func faucetWorld(t *testing.T) *world {
	w := newWorld(t, 0, map[string]any{
		"Sminer.FaucetValue": types.Tokens(2), "Sminer.MaximumRelease": types.Tokens(3),
	})
	if err := w.Run(alice, sminer.Faucet{To: bob}); !errors.Is(err, sminer.ErrNotSetWhite) {
		t.Fatalf("without whitelist: %v", err)
	}
	if err := w.Root(sminer.SetFaucetWhitelist{Account: alice}); err != nil {
		t.Fatal(err)
	}
	w.Must(charlie, sminer.FaucetTopUp{Award: types.Tokens(100)})
	return w
}

func TestFaucetPaysOnceADay(t *testing.T) {
	w := faucetWorld(t)
	if e := palletstest.EventsOf[sminer.FaucetTopUpMoneyEvent](w.Chain); len(e) != 1 || e[0].Account != charlie {
		t.Fatalf("events %v", e)
	}
	nobody := palletstest.Account("nobody")
	if err := w.Run(bob, sminer.Faucet{To: bob}); !errors.Is(err, sminer.ErrWrongOrigin) {
		t.Fatalf("by Bob: %v", err)
	}
	w.Must(alice, sminer.Faucet{To: nobody})
	first := w.Number()
	if got := w.free(nobody); got != types.Tokens(2) {
		t.Fatalf("got %v", got)
	}
	w.GoTo(first + day - 1)
	w.Must(alice, sminer.Faucet{To: nobody})
	if got, released := w.free(nobody), sminer.FaucetReleased.Get(w.Ctx()); got != types.Tokens(4) || released != types.Tokens(2) {
		t.Fatalf("got %v, released %v", got, released)
	}
	w.NextBlocks(day)
	if err := w.Run(alice, sminer.Faucet{To: nobody}); !errors.Is(err, sminer.ErrExceedRelease) {
		t.Fatalf("beyond the limit: %v", err)
	}
}

// A claim that comes too early leaves nothing behind, and in particular no
// event that could be taken for a success.
func TestBugLessThan24HoursEvent(t *testing.T) {
	w := faucetWorld(t)
	w.Must(alice, sminer.Faucet{To: bob})
	record, _ := sminer.FaucetRecords.Get(w.Ctx(), bob)
	w.GoTo(record.LastClaimTime + day - 2)
	if err := w.Run(alice, sminer.Faucet{To: bob}); !errors.Is(err, sminer.ErrLessThan24Hours) {
		t.Fatal(err)
	}
	if n := len(palletstest.EventsOf[sminer.LessThan24HoursEvent](w.Chain)); n != 0 {
		t.Fatalf("%d events", n)
	}
	if after, _ := sminer.FaucetRecords.Get(w.Ctx(), bob); after != record {
		t.Fatal("the claim counts")
	}
}

func TestRootCalls(t *testing.T) {
	w := newWorld(t, 1, nil)
	who := w.miners[0]
	for _, call := range []runtime.Call{
		sminer.UpdateExpender{K: 8, N: 2048, D: 8}, sminer.ClearMinerService{Miner: who},
		sminer.SetFaucetWhitelist{Account: bob}, sminer.MinerExit{Miner: who},
	} {
		if err := w.Run(bob, call); !errors.Is(err, runtime.ErrBadOrigin) {
			t.Errorf("%T by Bob: %v", call, err)
		}
	}
	if err := w.Root(sminer.UpdateExpender{K: 8, N: 2048, D: 8}); err != nil {
		t.Fatal(err)
	}
	if k, n, d := api.ExpenderOf(w.Ctx()); k != 8 || n != 2048 || d != 8 {
		t.Fatalf("expender %d, %d, %d", k, n, d)
	}
	for _, bad := range []sminer.UpdateExpender{{K: 0, N: 1, D: 1}, {K: 1, N: 0, D: 1}, {K: 1, N: 1, D: 0}, {K: 1, N: 1 << 63, D: 1}, {K: 1, N: 1, D: ^uint64(0)}} {
		if err := w.Root(bad); !errors.Is(err, sminer.ErrUnexpected) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	w.edit(who, func(m *sminer.Miner) { m.ServiceSpace, m.ServiceBloomFilter[3] = u(7), 7 })
	if err := w.Root(sminer.ClearMinerService{Miner: who}); err != nil {
		t.Fatal(err)
	}
	if m := w.miner(who); !m.ServiceSpace.IsZero() || m.ServiceBloomFilter != (types.BloomFilter{}) {
		t.Fatal("service space is left")
	}
	if err := w.Root(sminer.ClearMinerService{Miner: alice}); !errors.Is(err, sminer.ErrConversion) {
		t.Fatalf("no miner: %v", err)
	}
}
