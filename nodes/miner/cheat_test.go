//go:build cheat

package miner

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit/testnet"
	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/sdk"
)

// Each way to cheat, over a real chain and TEE worker, has the fate that the
// protocol promises: no verdict that holds, or a false one. The honest miner
// beside them passes.
func TestCheatersAreFound(t *testing.T) {
	type fate int
	const (
		passes   fate = iota
		fails         // the service verdict is false
		unproven      // no proof is accepted
		unjudged      // no verdict is accepted
	)
	ways := []struct {
		way    string
		fate   fate
		rounds int // in which it is found with near certainty
	}{
		{"", passes, 2},
		{droppedFragment, fails, 1},
		{flippedByte, fails, 12}, // 460 of at least 1024 blocks are asked for
		{replayedProof, fails, 2},
		{foreignProof, fails, 1},
		{foreignSignature, unjudged, 1},
		{forgedFilter, unjudged, 1},
		{lateProof, unproven, 6}, // once it has earned something
		{silence, unproven, 1},
	}
	n := startNetwork(t, 12, helpers(12, len(ways)))
	n.mintTerritory()
	var cheaters []string
	for i, w := range ways {
		if w.way != "" {
			cheaters = append(cheaters, types.Address(testnet.Pair(t, crypto.Sr25519, minerSURI(i)).AccountID()).String()+"="+w.way)
		}
	}
	t.Setenv("CESS_MINER_CHEAT", strings.Join(cheaters, ","))
	miners := make([]*Miner, 12)
	for i := range miners {
		cfg := n.config(i)
		cfg.NoIdle, cfg.ClaimEvery = i >= len(ways), time.Second
		miners[i] = n.start(cfg)
	}
	defer closeAll(t, miners)
	for i := range ways {
		n.certified(miners[i], 1)
	}
	fid := n.put(miners, 1, 32<<20) // no fragment is zeros
	for i := range ways {
		n.tagged(miners[i], fid)
	}
	t.Run("all at once", func(t *testing.T) {
		for i, w := range ways {
			t.Run(fmt.Sprintf("%d-%s", i, w.way), func(t *testing.T) {
				t.Parallel()
				here, chain := *n, *n.Network
				here.t, here.Network, chain.T = t, &chain, t
				found := false
				for r := 0; r < w.rounds && !found; r++ {
					c := here.round(miners[i])
					proof, proven := c.Proofs.Service.Get()
					verdict, judged := proof.Verdict.Get()
					switch w.fate {
					case passes:
						if !judged || !verdict {
							t.Fatalf("an honest miner: proven %t, judged %t, %t", proven, judged, verdict)
						}
					case fails:
						found = judged && !verdict
					case unproven:
						found = !proven
					case unjudged:
						found = proven && !judged
					}
				}
				if w.fate != passes && !found {
					t.Errorf("not found in %d rounds", w.rounds)
				}
			})
		}
	})
}

// round challenges a miner and returns the challenge once it is judged or over.
func (n *network) round(m *Miner) (c audit.Challenge) {
	n.t.Helper()
	n.Until("the challenge before is over", func() (bool, error) {
		_, open, err := sdk.Find(n.ctx, n.chain.Best(), audit.Challenges, m.Account())
		return err == nil && !open, err
	})
	n.challenge(m)
	n.Until("the challenge is answered or its time is over", func() (bool, error) {
		now, open, err := sdk.Find(n.ctx, n.chain.Best(), audit.Challenges, m.Account())
		if err != nil || !open {
			return err == nil && c.Element.Start != 0, err
		}
		c = now
		p, ok := c.Proofs.Service.Get()
		return ok && p.Verdict.IsSome(), fmt.Errorf("%+v", m.Status(n.ctx).Jobs)
	})
	return c
}

// A miner that deletes its idle files cannot answer for them.
func TestDroppedIdleFiles(t *testing.T) {
	n := startNetwork(t, 1)
	cfg := n.config(0)
	t.Setenv("CESS_MINER_CHEAT", droppedIdle)
	m := n.start(cfg)
	defer testnet.Closed(t, "miner", m.Close)
	n.certified(m, 1)
	n.challenge(m)
	n.Until("the service part is judged", func() (bool, error) {
		c, _, err := sdk.Find(n.ctx, n.chain.Best(), audit.Challenges, m.Account())
		p, _ := c.Proofs.Service.Get()
		return p.Verdict.IsSome(), errors.Join(err, fmt.Errorf("%+v", m.Status(n.ctx).Jobs))
	})
	c, _, err := sdk.Find(n.ctx, n.chain.Best(), audit.Challenges, m.Account())
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := c.Proofs.Idle.Get(); ok {
		t.Errorf("idle space that is gone was proven: %+v", p)
	}
}

// A miner that keeps the fragments of a deleted file and goes on counting them
// proves what nobody asked for.
func TestRefusedDeletion(t *testing.T) {
	n := startNetwork(t, 12, helpers(12, 1))
	n.mintTerritory()
	first := testnet.Pair(t, crypto.Sr25519, minerSURI(0)).AccountID()
	t.Setenv("CESS_MINER_CHEAT", types.Address(first).String()+"="+refusedDeletion)
	miners := n.fleet(12, n.config(0))
	defer closeAll(t, miners)
	m := miners[0]
	n.certified(m, 1)
	kept, deleted := n.put(miners, 1, 32<<20), n.put(miners, 2, 32<<20)
	n.tagged(m, kept)
	n.tagged(m, deleted)
	before, _ := n.round(m).Proofs.Service.Get()
	if !before.Verdict.Or(false) {
		t.Fatalf("nothing is deleted yet, and the proof is wrong: %+v", before)
	}
	n.Submit(n.alice, filebank.DeleteFile{Owner: n.alice.AccountID(), FileHash: deleted})
	after, _ := n.round(m).Proofs.Service.Get()
	if after.Verdict.Or(true) {
		t.Errorf("a proof over a deleted file: %+v", after)
	}
	if left, err := m.store.Fragments(deleted); err != nil || len(left) == 0 {
		t.Errorf("%d fragments of the deleted file are left, %v", len(left), err)
	}
}

func TestCheatsAreNamed(t *testing.T) {
	a, b := testnet.Pair(t, crypto.Sr25519, "//A").AccountID(), testnet.Pair(t, crypto.Sr25519, "//B").AccountID()
	t.Setenv("CESS_MINER_CHEAT", types.Address(a).String()+"=silence")
	for account, want := range map[[32]byte]string{a: silence, b: ""} {
		if c, err := newCheats(account); err != nil || c.name() != want {
			t.Errorf("%q, %v", c.name(), err)
		}
	}
	t.Setenv("CESS_MINER_CHEAT", "forged-filter")
	if c, err := newCheats(b); err != nil || c.name() != forgedFilter {
		t.Errorf("%q, %v", c.name(), err)
	}
	t.Setenv("CESS_MINER_CHEAT", "misspelt")
	if _, err := newCheats(b); err == nil {
		t.Error("a way that does not exist")
	}
}
