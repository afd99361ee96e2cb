//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit"
	"github.com/gocess/gocess/ledger/types"
)

// Processes are killed at random moments of uploads, the validator included.
// The chain goes on, every acknowledged file is stored and comes back, no space
// stays locked, and a replay from genesis comes to the same state.
func TestKillNine(t *testing.T) {
	rng := seeded(t)
	rounds := 20
	if testing.Short() {
		rounds = 5
	}
	net := devkit.Start(t, devkit.Config{})
	chain := net.Client(t)
	alice := newUser(t, net, chain, "//Alice")
	alice.mint(t, "survivors", 64)
	alice.authorize(t, gatewayAccount(t, net))
	acked := &ledger{files: make(map[types.Hash]upload)}
	for round := range rounds {
		before, _ := best(t, chain)
		killRound(t, rng, round, alice, acked)
		grow(t, chain, 1)
		after, _ := best(t, chain)
		t.Logf("round %d: blocks %d to %d, %d of %d uploads acknowledged", round+1, before, after, len(acked.files), acked.tried)
		if after <= before {
			t.Fatalf("round %d: the chain has block %d, before it had %d", round+1, after, before)
		}
		if err := net.Check(); err != nil {
			t.Fatalf("round %d: %v", round+1, err)
		}
	}
	if len(acked.files) == 0 {
		t.Fatal("no upload was acknowledged in any round")
	}
	acked.retry(t, alice)
	acked.check(t, alice)
	eventually(t, 5*time.Minute, "no deal stays open", func() string {
		if deals := readBooks(t, chain, alice).Deals; len(deals) > 0 {
			return fmt.Sprintf("%d deals", len(deals))
		}
		return ""
	})
	readBooks(t, chain, alice).settled(t)
	emptyDepot(t, net, "arriving")
	replays(t, net)
	if err := net.Stop(); err != nil {
		t.Error(err)
	}
	verifies(t, net)
}

// ledger is what the gateway took responsibility for.
type ledger struct {
	mu    sync.Mutex
	files map[types.Hash]upload // guarded by mu
	lost  []upload              // guarded by mu; not acknowledged
	tried int                   // guarded by mu
}

func (l *ledger) note(fid types.Hash, up upload, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tried++
	if err != nil {
		l.lost = append(l.lost, up)
		return
	}
	l.files[fid] = up
}

// retry does what the user of an upload does that was not acknowledged: the
// same again. Whatever the first try left must not be in the way.
func (l *ledger) retry(t *testing.T, u *user) {
	t.Helper()
	for _, up := range l.lost {
		l.files[u.mustPut(t, up)] = up
	}
}

// check waits for all files and reads them.
func (l *ledger) check(t *testing.T, u *user) {
	t.Helper()
	for fid, up := range l.files {
		u.waitActive(t, fid, 5*time.Minute)
		if err := u.get(within(t, 5*time.Minute), fid, up.cipher, up.content); err != nil {
			t.Errorf("read %s, acknowledged as %v: %v", up.name, fid, err)
		}
	}
}

// uploadTimeout bounds an upload during which processes are killed. It is
// longer than the era of an extrinsic, 64 blocks: then its fate is known.
const uploadTimeout = 4 * time.Minute

// killRound kills a few processes while files are being uploaded, and starts
// them again, the validator first: the others need it to start.
func killRound(t *testing.T, rng *rand.Rand, round int, u *user, acked *ledger) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), uploadTimeout)
	defer cancel()
	var uploads sync.WaitGroup
	defer func() {
		if t.Failed() {
			cancel()
		}
		uploads.Wait()
	}()
	for i := range 1 + rng.IntN(2) {
		up := upload{
			content:   content{seed: rng.Uint64() | 1, size: 1 + rng.Int64N(40*miB)},
			territory: "survivors", name: fmt.Sprintf("round-%d-%d.bin", round+1, i+1),
		}
		if rng.IntN(3) == 0 {
			up.cipher = "secret"
		}
		delay := time.Duration(rng.Int64N(int64(time.Second)))
		uploads.Go(func() {
			time.Sleep(delay)
			fid, err := u.put(ctx, up)
			acked.note(fid, up, err)
			if err != nil {
				t.Logf("round %d: %s was not acknowledged: %v", round+1, up.name, err)
			}
		})
	}
	victims := choose(rng, round, u.net)
	var story []string
	for _, v := range victims {
		pause := time.Duration(rng.Int64N(int64(1500 * time.Millisecond)))
		time.Sleep(pause)
		v.Kill(t)
		story = append(story, fmt.Sprintf("%v later %s", pause.Round(time.Millisecond), v.Name))
	}
	down := time.Duration(rng.Int64N(int64(3 * time.Second)))
	t.Logf("round %d: killed %s; down for %v", round+1, strings.Join(story, ", "), down.Round(time.Millisecond))
	time.Sleep(down)
	slices.SortStableFunc(victims, func(a, b *devkit.Node) int { return order(a) - order(b) })
	for _, v := range victims {
		v.Restart(t)
	}
}

// order is that in which roles start soonest.
func order(n *devkit.Node) int {
	return slices.Index([]string{"validator", "tee", "miner", "gateway"}, n.Role)
}

// choose picks one to four processes; over three rounds each role is among
// them.
func choose(rng *rand.Rand, round int, net *devkit.Network) []*devkit.Node {
	role := []string{"validator", "gateway", "miner"}[round%3]
	all := net.Nodes("")
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	first := slices.IndexFunc(all, func(n *devkit.Node) bool { return n.Role == role })
	all[0], all[first] = all[first], all[0]
	victims := all[:1+rng.IntN(4)]
	rng.Shuffle(len(victims), func(i, j int) { victims[i], victims[j] = victims[j], victims[i] })
	return victims
}
