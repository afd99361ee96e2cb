//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/sdk"
)

// hoard is what a user keeps in a network under fire. A file that a session
// works on is out of the pool meanwhile.
type hoard struct {
	user *user

	mu      sync.Mutex
	pool    []stored       // guarded by mu; acknowledged
	refused []upload       // guarded by mu; never acknowledged
	doubt   []stored       // guarded by mu; asked to be deleted, without an answer
	gone    []stored       // guarded by mu; deleted
	counts  map[string]int // guarded by mu
}

type stored struct {
	upload
	fid  types.Hash
	at   time.Time
	keep bool // it is never deleted
}

func newHoard(u *user) *hoard { return &hoard{user: u, counts: make(map[string]int)} }

// Limits of the load.
const (
	maxHoard   = 24               // files kept at once: each takes 96 MiB or 192 MiB of the miners' disks
	settleTime = 20 * time.Second // before a file is deleted, most often it is Active by then
	deleteTime = 3 * time.Minute
	readTime   = time.Minute // a file must come back within it, whatever is being killed
	maxPause   = 4 * time.Second
	maxUnknown = 10 // files asked for that the gateway does not know: it bounds how many it looks for
)

// run starts sessions that store, read and delete files; the function that it
// returns ends them.
func (h *hoard) run(t *testing.T, rng *rand.Rand, sessions int) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for i := range sessions {
		own := rand.New(rand.NewPCG(rng.Uint64(), 0))
		running.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				h.step(ctx, t, own, fmt.Sprintf("file-%d-%d", i+1, n+1))
				select {
				case <-ctx.Done():
				case <-time.After(time.Duration(own.Int64N(int64(maxPause)))):
				}
			}
		})
	}
	stop = func() {
		cancel()
		running.Wait()
	}
	t.Cleanup(stop) // nobody logs after the test
	return stop
}

func (h *hoard) step(ctx context.Context, t *testing.T, rng *rand.Rand, name string) {
	h.mu.Lock()
	have := len(h.pool)
	h.mu.Unlock()
	switch n := rng.IntN(10); {
	case n < 5 && have < maxHoard || have < 3:
		h.put(ctx, t, rng, name)
	case n < 8 && have < maxHoard:
		if f, ok := h.take(rng); ok {
			h.read(ctx, t, f)
			h.giveBack(f)
		}
	default:
		if f, ok := h.take(rng); ok {
			h.remove(ctx, t, f)
		}
	}
}

func (h *hoard) take(rng *rand.Rand) (f stored, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.pool) == 0 {
		return f, false
	}
	i, last := rng.IntN(len(h.pool)), len(h.pool)-1
	h.pool[i], h.pool[last] = h.pool[last], h.pool[i]
	f, h.pool = h.pool[last], h.pool[:last]
	return f, true
}

func (h *hoard) giveBack(f stored) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pool = append(h.pool, f)
}

func (h *hoard) store(fid types.Hash, up upload) {
	h.giveBack(stored{upload: up, fid: fid, at: time.Now()})
}

func (h *hoard) count(what string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.counts[what]++
}

// mixedSize is one byte as well as forty mebibytes, two segments.
func mixedSize(rng *rand.Rand) int64 {
	limits := []int64{1, 1 << 10, miB, miB, 8 * miB, 8 * miB, 32 * miB, 40 * miB}
	return 1 + rng.Int64N(limits[rng.IntN(len(limits))])
}

// put uploads a new file until the gateway acknowledges it.
func (h *hoard) put(ctx context.Context, t *testing.T, rng *rand.Rand, name string) {
	up := upload{content: content{seed: rng.Uint64() | 1, size: mixedSize(rng)}, territory: "mayhem", name: name}
	if rng.IntN(3) == 0 {
		up.cipher = "secret"
	}
	for {
		tried, cancel := context.WithTimeout(ctx, uploadTimeout)
		fid, err := h.user.put(tried, up)
		cancel()
		if err == nil {
			h.count("stored")
			h.store(fid, up)
			return
		}
		h.count("uploads to be repeated")
		if !pauseFor(ctx, time.Second) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.refused = append(h.refused, up)
			return
		}
		t.Logf("%s is uploaded again: %v", name, err)
	}
}

// read compares a file with what it must be. The gateway may have to wait for a
// miner or the chain, but not long, and it must never send other bytes.
func (h *hoard) read(ctx context.Context, t *testing.T, f stored) {
	for began := time.Now(); ; {
		tried, cancel := context.WithTimeout(ctx, readTime)
		err := h.user.get(tried, f.fid, f.cipher, f.content)
		cancel()
		switch {
		case err == nil:
			h.count("read")
			return
		case ctx.Err() != nil:
			return
		case strings.Contains(err.Error(), "differs") || time.Since(began) > readTime:
			t.Errorf("read %s, acknowledged %v ago as %v: %v", f.name, time.Since(f.at).Round(time.Second), f.fid, err)
			return
		}
		h.count("reads to be repeated")
		t.Logf("%s is read again: %v", f.name, err)
		pauseFor(ctx, time.Second)
	}
}

// remove deletes a file, or leaves it in doubt.
func (h *hoard) remove(ctx context.Context, t *testing.T, f stored) {
	if f.keep || !pauseFor(ctx, time.Until(f.at.Add(settleTime))) {
		h.giveBack(f)
		return
	}
	limited, cancel := context.WithTimeout(ctx, deleteTime)
	defer cancel()
	err := h.discard(limited, f.fid)
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil {
		if ctx.Err() == nil {
			t.Logf("it is not certain whether %s was deleted: %v", f.name, err)
		}
		h.doubt = append(h.doubt, f)
		return
	}
	h.counts["deleted"]++
	h.gone = append(h.gone, f)
}

// discard deletes a file until it is gone.
func (h *hoard) discard(ctx context.Context, fid types.Hash) error {
	for {
		err := h.user.remove(ctx, fid)
		if err == nil {
			return nil
		}
		chain := h.user.chain.Best()
		_, open, failed := sdk.Find(ctx, chain, filebank.Deals, fid)
		_, found, failed2 := sdk.Find(ctx, chain, filebank.Files, fid)
		if failed == nil && failed2 == nil && !found && !open {
			return nil // an earlier request did it
		}
		if !pauseFor(ctx, time.Second) {
			return errors.Join(err, failed, failed2)
		}
	}
}

// pauseFor waits and says whether ctx goes on.
func pauseFor(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// report tells what was done.
func (h *hoard) report() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return fmt.Sprintf("%d files are kept, %d never acknowledged, %d in doubt, %d deleted; %v", len(h.pool), len(h.refused), len(h.doubt), len(h.gone), h.counts)
}

// finish does what the user of an unanswered request does: the same again.
func (h *hoard) finish(t *testing.T) {
	t.Helper()
	for _, up := range h.refused {
		h.store(h.user.mustPut(t, up), up)
	}
	for _, f := range h.doubt {
		if err := h.discard(within(t, calmWithin), f.fid); err != nil {
			t.Errorf("delete %s, %v: %v", f.name, f.fid, err)
		}
		h.gone = append(h.gone, f)
	}
	for _, f := range h.pool {
		h.user.waitActive(t, f.fid, calmWithin)
	}
}

// check reads all files that were acknowledged, and misses all that were
// deleted.
func (h *hoard) check(t *testing.T) {
	t.Helper()
	for _, f := range h.pool {
		if err := h.user.get(within(t, 2*time.Minute), f.fid, f.cipher, f.content); err != nil {
			t.Errorf("read %s, acknowledged as %v: %v", f.name, f.fid, err)
		}
	}
	for i, f := range h.gone {
		if _, found, err := sdk.Find(within(t, time.Minute), h.user.chain.Best(), filebank.Files, f.fid); err != nil || found {
			t.Errorf("the deleted file %s, %v: still on chain: %t, %v", f.name, f.fid, found, err)
		}
		if i >= maxUnknown {
			continue
		}
		err := h.user.get(within(t, time.Minute), f.fid, f.cipher, f.content)
		var r *refusal
		if !errors.As(err, &r) || r.Code != 404 {
			t.Errorf("read the deleted file %s, %v: %v", f.name, f.fid, err)
		}
	}
	t.Logf("%d files were read back, %d are gone", len(h.pool), len(h.gone))
}
