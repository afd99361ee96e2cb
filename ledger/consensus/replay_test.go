package consensus

import (
	"math/rand/v2"
	"testing"

	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/primitives/substrate"
)

// Nodes that keep different things in memory and on disk replay one chain to the
// same roots. GOCESS_REPLAY_BLOCKS sets its length.
func TestReplayWithOtherSettings(t *testing.T) {
	blocks := setting("GOCESS_REPLAY_BLOCKS", 120)
	if testing.Short() {
		blocks = 60
	}
	nw := newNetwork(t, 1, 40)
	archive := []state.Option{state.WithRetention(0), state.WithCacheSize(64 << 20)}
	d := newDriverWith(t, nw, archive)
	others := map[string]*app{}
	for name, opts := range map[string][]state.Option{
		"pruned, hardly any memory": {state.WithRetention(3), state.WithCacheSize(1 << 20), state.WithWriteBuffer(64 << 10), state.WithWorkers(1)},
		"pruned":                    {state.WithRetention(300), state.WithCacheSize(8 << 20), state.WithWriteBuffer(1 << 20), state.WithWorkers(4)},
	} {
		others[name] = d.openWith(-1, opts).app
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	nonces := make([]uint32, len(nw.users))
	genesis := d.apps[0].chain.Genesis()
	for n := range blocks {
		for range rng.IntN(6) {
			u, v := rng.IntN(len(nw.users)), rng.IntN(2*len(nw.users))
			to := substrate.AccountID{0xdd, byte(rng.IntN(256)), byte(rng.IntN(4))}
			if v < len(nw.users) {
				to = nw.users[v].AccountID()
			}
			if _, err := d.nodes[0].Pool().Submit(t.Context(), nw.transferTo(t, genesis, nw.users[u], nonces[u], to)); err != nil {
				t.Fatal(err)
			}
			nonces[u]++
		}
		want := d.block(0)
		req := d.decided[len(d.decided)-1]
		d.decided = d.decided[:0:0] // thousands of blocks are not kept in memory
		d.base++
		for name, a := range others {
			if err := finalize(t, a, req); err != nil {
				t.Fatalf("%s, block %d: %v", name, want.Number, err)
			}
			if got := a.chain.Best(); got != want.Ref {
				t.Fatalf("%s, block %d: hash %x, want %x", name, n+1, got.Hash, want.Hash)
			}
		}
	}
	last := uint64(blocks)
	for name, a := range others {
		if err := a.store.Prune(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := a.store.Verify(t.Context(), last); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		sameChains(t, d.apps[0], a, uint32(blocks))
	}
}
