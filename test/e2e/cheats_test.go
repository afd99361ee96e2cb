//go:build e2e

package e2e

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit"
	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/sudo"
	"github.com/gocess/gocess/ledger/pallets/utility"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// honestMiners run beside the cheaters. Files whose miners are chosen are with
// all of them and four cheaters.
const honestMiners = 8

// cheatsWithin bounds the time until all cheaters are punished; a flipped byte
// needs some luck to be found twice in a row.
const cheatsWithin = 18 * time.Minute

// Ten miners cheat, each in another way, in a network of processes. Each is
// found within the rounds that sampling promises, loses what the formulae say,
// and the pot of punishments gets it; honest miners beside them lose nothing.
func TestCheatersPay(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some ten minutes")
	}
	rng := seeded(t)
	var ways []string
	for _, o := range offences {
		ways = append(ways, o.way)
	}
	began := time.Now()
	net := startCheaters(t, len(offences)+honestMiners, ways)
	chain := net.Client(t)
	t.Logf("all miners have certified idle space %v after the start", time.Since(began).Round(time.Second))
	nodes := net.Nodes("miner")
	var suspects []*suspect
	honest := make(map[substrate.AccountID]bool)
	for i, n := range nodes {
		if i < len(offences) {
			suspects = append(suspects, &suspect{offences[i], account(t, n), n})
			continue
		}
		honest[account(t, n)] = true
	}

	alice := newUser(t, net, chain, "//Alice")
	alice.mint(t, "work", 2)
	deleted := deletion{suspect: suspects[slices.Index(ways, "refused-deletion")], holders: with(nodes, ways, "replayed-proof", "foreign-proof", "late-proof", "refused-deletion")}
	deleted.fid = alice.place(t, "work", content{size: deletedSegments * types.SegmentSize}, deleted.holders)
	files := []types.Hash{
		deleted.fid,
		alice.place(t, "work", content{seed: rng.Uint64() | 1, size: types.SegmentSize}, nodes), // with all cheaters
		alice.place(t, "work", content{seed: rng.Uint64() | 1, size: types.SegmentSize}, with(nodes, ways, "dropped-idle", "foreign-signature", "silence", "forged-filter")),
	}
	for _, fid := range files {
		eventually(t, 5*time.Minute, "all fragments have tags", func() string { return untagged(t, chain, fid) })
	}
	for _, s := range suspects {
		if s.bad > 0 {
			eventually(t, time.Minute, "the data of "+s.way+" is damaged", func() string {
				if marks, err := filepath.Glob(filepath.Join(s.node.Home(), "*", "miner", "cheated")); err != nil || len(marks) != 1 {
					return fmt.Sprint(marks, err)
				}
				return ""
			})
		}
	}
	deleted.happens(t, alice, honest)

	t.Logf("the data is in place %v after the start", time.Since(began).Round(time.Second))
	c := newCourt(t, chain, honest)
	c.sit(t, net, suspects)
	c.sentences(t, suspects)
	deleted.gainsNothing(t, c)
	c.closes(t, honest, suspects)
}

// with are the miners that cheat in these ways, and the honest ones. The miner
// of a flipped byte is never among them: the more fragments, the longer it
// takes.
func with(nodes []*devkit.Node, ways []string, some ...string) (out []*devkit.Node) {
	for i, n := range nodes {
		if i >= len(ways) || slices.Contains(some, ways[i]) {
			out = append(out, n)
		}
	}
	return out
}

// sit challenges miners until all cheaters are punished.
func (c *court) sit(t *testing.T, net *devkit.Network, suspects []*suspect) {
	t.Helper()
	for deadline := time.Now().Add(cheatsWithin); ; {
		c.follow(t)
		if err := net.Check(); err != nil {
			t.Fatal(err)
		}
		var loose []string
		for _, s := range suspects {
			if !s.punished(c) {
				loose = append(loose, s.way)
			}
		}
		switch {
		case len(loose) == 0:
			return
		case t.Failed():
			return // the table tells more
		case time.Now().After(deadline):
			t.Errorf("not punished within %v: %v", cheatsWithin, loose)
			return
		}
		calls := c.agenda(suspects)
		if len(calls) == 0 {
			time.Sleep(pollEvery)
			continue
		}
		batch := utility.ForceBatch{}
		for _, call := range calls {
			batch.Calls = append(batch.Calls, runtime.RuntimeCall{Call: call})
		}
		if _, err := c.chain.Submit(within(t, txTimeout), key(t, "//Alice"), sudo.Sudo{Call: runtime.RuntimeCall{Call: batch}}); err != nil {
			t.Fatal(err)
		}
	}
}

// atOnce is how many challenges start in one block: the proofs of all come out
// of the same machine.
const atOnce = 4

// agenda is what root does next: it challenges honest miners and cheaters that
// are not punished yet, those with the fewest rounds first, and ends the
// challenges of cheaters that are judged.
func (c *court) agenda(suspects []*suspect) (calls []runtime.Call) {
	var ready []substrate.AccountID
	for who := range c.honest {
		if _, open := c.open[who]; !open {
			ready = append(ready, who)
		}
	}
	for _, s := range suspects {
		if s.punished(c) {
			continue
		}
		open, is := c.open[s.who]
		if !is {
			ready = append(ready, s.who)
			continue
		}
		idle, _ := open.Proofs.Idle.Get()
		service, _ := open.Proofs.Service.Get()
		if soon := c.height + 3; idle.Verdict.IsSome() && service.Verdict.IsSome() && open.Element.VerifySlip > soon {
			calls = append(calls, audit.TestUpdateVerifySlip{Old: open.Element.VerifySlip, New: soon, Miner: s.who})
		}
	}
	slices.SortFunc(ready, func(a, b substrate.AccountID) int {
		return cmp.Or(cmp.Compare(len(c.rounds[a]), len(c.rounds[b])), slices.Compare(a[:], b[:]))
	})
	for _, who := range ready[:min(len(ready), atOnce)] {
		calls = append(calls, audit.PointMinerChallenge{Miner: who})
	}
	return calls
}
