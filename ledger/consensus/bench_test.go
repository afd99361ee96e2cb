package consensus

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/gocess/gocess/ledger/pool"
	"github.com/gocess/gocess/primitives/substrate"
)

// signedTransfers makes n transfers, evenly over the users, in the order of
// nonces. Everybody pays an account of its own.
func (nw *network) signedTransfers(t testing.TB, genesis substrate.H256, n int, first uint32) [][]byte {
	t.Helper()
	out := make([][]byte, n)
	users := len(nw.users)
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			for i := w; i < n; i += 2 {
				u := i % users
				to := substrate.AccountID{0xee, byte(u), byte(u >> 8)}
				out[i] = nw.transferTo(t, genesis, nw.users[u], first+uint32(i/users), to)
			}
		})
	}
	wg.Wait()
	return out
}

// BenchmarkPoolInsert is the pool's throughput with the real runtime: decode,
// verify an sr25519 signature, validate against state, insert.
func BenchmarkPoolInsert(b *testing.B) {
	nw := newNetwork(b, 1, 256)
	cfg := nw.config(b, b.TempDir(), -1)
	cfg.Pool = []pool.Option{pool.WithMaxCount(1 << 20), pool.WithMaxBytes(1 << 30), pool.WithMaxPerAccount(1 << 20)}
	n, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	defer n.Close()
	raws := nw.signedTransfers(b, n.Chain().Genesis(), b.N, 0)
	b.ResetTimer()
	submitAll(b, n, raws)
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tx/s")
	if s := n.Pool().Stats(); s.Ready != b.N {
		b.Fatalf("%+v of %d", s, b.N)
	}
}

// submitAll submits extrinsics from 64 goroutines, each account's from one.
func submitAll(t testing.TB, n *Node, raws [][]byte) {
	const feeders = 64
	var wg sync.WaitGroup
	for w := range feeders {
		wg.Go(func() {
			for i := w; i < len(raws); i += feeders {
				if _, err := n.Pool().Submit(context.Background(), raws[i]); err != nil {
					t.Errorf("submit %d: %v", i, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkBlock executes, commits and announces blocks of 1,000 transfers.
func BenchmarkBlock(b *testing.B) {
	const size = 1000
	nw := newNetwork(b, 1, 250)
	d := newDriver(b, nw)
	d.block(0)
	raws := nw.signedTransfers(b, d.nodes[0].Chain().Genesis(), b.N*size, 0)
	b.ResetTimer()
	for i := range b.N {
		b.StopTimer()
		submitAll(b, d.nodes[0], raws[i*size:(i+1)*size])
		b.StartTimer()
		if got := len(d.block(0).Body); got != size+1 {
			b.Fatalf("block has %d extrinsics", got)
		}
	}
	b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "tx/s")
}

// TestThroughput measures transfers through running validators. Set
// CONSENSUS_LOAD to the number of seconds, CONSENSUS_VALIDATORS and
// CONSENSUS_RATE (transfers offered per second).
func TestThroughput(t *testing.T) {
	seconds := setting("CONSENSUS_LOAD", 0)
	if seconds == 0 {
		t.Skip("set CONSENSUS_LOAD=10")
	}
	nw := newNetwork(t, setting("CONSENSUS_VALIDATORS", 1), 512)
	nw.genesis.BlockTime = time.Duration(setting("CONSENSUS_BLOCK_MS", 500)) * time.Millisecond
	nodes := nw.startAll(t)
	waitFor(t, nodes[0], 1)
	raws := nw.signedTransfers(t, nodes[0].Chain().Genesis(), seconds*setting("CONSENSUS_RATE", 6000), 0)
	feed := nodes[0].Chain().Subscribe()
	began := time.Now()
	var feeders sync.WaitGroup
	for i, n := range nodes {
		var share [][]byte
		for k := i; k < len(raws); k += len(nodes) {
			share = append(share, raws[k])
		}
		feeders.Go(func() { submitAll(t, n, share) })
	}
	included := 0
	for included < len(raws) {
		b, err := feed.Next(testContext(t))
		if err != nil {
			t.Fatal(err)
		}
		included += len(b.Body) - 1
		fmt.Printf("%6.2fs block %d: %d extrinsics, pool %+v\n",
			time.Since(began).Seconds(), b.Number, len(b.Body)-1, nodes[0].Pool().Stats())
	}
	feeders.Wait()
	took := time.Since(began)
	t.Logf("%d transfers in %v: %.0f/s", included, took, float64(included)/took.Seconds())
}

func setting(name string, or int) int {
	if v, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return v
	}
	return or
}

// TestSyncSpeed measures how fast a new node fetches blocks. Set
// CONSENSUS_SYNC to the number of blocks, CONSENSUS_RATE to the transfers
// offered per second meanwhile.
func TestSyncSpeed(t *testing.T) {
	blocks := setting("CONSENSUS_SYNC", 0)
	if blocks == 0 {
		t.Skip("set CONSENSUS_SYNC=500")
	}
	nw := newNetwork(t, 1, 256)
	nw.genesis.BlockTime = time.Duration(setting("CONSENSUS_BLOCK_MS", 10)) * time.Millisecond
	nodes := nw.startAll(t)
	if rate := setting("CONSENSUS_RATE", 0); rate > 0 {
		submitAll(t, nodes[0], nw.signedTransfers(t, nodes[0].Chain().Genesis(), rate, 0))
	}
	feed := nodes[0].Chain().SubscribeFrom(uint32(blocks))
	if _, err := feed.Next(testContext(t)); err != nil {
		t.Fatal(err)
	}
	cfg := nw.config(t, t.TempDir(), -1)
	cfg.P2P.Peers = nodes[0].Addresses()
	n := start(t, cfg)
	waitFor(t, n, 1)
	began, first := time.Now(), n.Chain().Best().Number
	waitFor(t, n, uint32(blocks)-5)
	took, got := time.Since(began), uint32(blocks)-5-first
	t.Logf("%d blocks in %v: %.0f/s", got, took, float64(got)/took.Seconds())
}
