package miner

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit/testnet"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/gateway"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/sdk"
	client "github.com/gocess/gocess/sdk/gateway"
)

// A miner that loses a fragment and can have it from nowhere orders its
// restoral; another one claims the order, rebuilds the fragment from those of
// others, has it tagged and holds it from then on.
func TestLossIsOrderedAndRestored(t *testing.T) {
	n := startNetwork(t, 13, helpers(13, 0))
	n.mintTerritory()
	miners := make([]*Miner, 13)
	for i := range miners {
		cfg := n.config(i)
		cfg.NoIdle = true
		switch i {
		case 0: // who loses: other nodes are out of reach for it
			cfg.AllowPrivate = false
			cfg.RestoreEvery = time.Hour // not before it is told to look
		case 12: // who restores; only this one gets its fragments tagged
		default:
			cfg.TEEs = nobody
		}
		miners[i] = n.start(cfg)
	}
	defer closeAll(t, miners)
	loser, restorer := miners[0], miners[12]
	fid := n.put(miners[:12], 1, 1<<20)
	lost := n.tagged(loser, fid)[0]
	if err := loser.store.DropFragment(fid, lost); err != nil {
		t.Fatal(err)
	}
	report, err := loser.Check(n.ctx, CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Problems) != 1 || !strings.Contains(report.Problems[0], lost.String()) || report.NotCompared != "" {
		t.Fatalf("the check says %+v", report)
	}
	loser.jobs.Wake(jobRestore)
	n.Until("another miner holds the fragment", func() (bool, error) {
		file, _ := n.file(fid)
		return slices.Contains(fragmentsOf(file, restorer.Account()), lost),
			fmt.Errorf("the loser: %+v; the restorer: %+v", loser.Status(n.ctx).Jobs, restorer.Status(n.ctx).Jobs)
	})
	n.tagged(restorer, fid)
	if _, err := restorer.store.Read(fid, lost); err != nil {
		t.Errorf("the restored fragment: %v", err)
	}
	if _, err := restorer.store.Tags(fid, lost); err != nil {
		t.Errorf("its tags: %v", err)
	}
	file, _ := n.file(fid)
	if held := fragmentsOf(file, loser.Account()); len(held) > 0 {
		t.Errorf("the loser still holds %v", held)
	}
	for m, want := range map[*Miner]int{loser: 0, restorer: 1} {
		listed, err := sdk.ListPrefix(n.ctx, n.chain.Best(), podr2.Fragments, m.Account())
		if err != nil || len(listed) != want {
			t.Errorf("%d fragments on the list of %v, want %d: %v", len(listed), types.Address(m.Account()), want, err)
		}
	}
	if _, open, err := sdk.Find(n.ctx, n.chain.Best(), filebank.RestoralOrders, lost); open || err != nil {
		t.Errorf("the order is open: %t, %v", open, err)
	}
	report, err = loser.Check(n.ctx, CheckOptions{})
	if err != nil || len(report.Problems) > 0 {
		t.Errorf("the check after all: %+v, %v", report, err)
	}
}

// What a miner lost and no other miner gives it comes back from a gateway.
func TestGatewayIsTheLastResort(t *testing.T) {
	n := startNetwork(t, 12, helpers(12, 0))
	n.mintTerritory()
	miners := make([]*Miner, 12)
	for i := range miners {
		cfg := n.config(i)
		cfg.NoIdle, cfg.TEEs = true, nobody
		miners[i] = n.start(cfg)
	}
	running := miners
	defer func() { closeAll(t, running) }()
	key := testnet.Pair(t, crypto.Sr25519, "//Bob")
	g, err := gateway.Start(n.ctx, gateway.Config{
		Home: filepath.Join(n.Dir, "gateway"), Chain: n.RPC, Signer: key, Listen: "127.0.0.1:0", ReserveBytes: 1 << 20, Logger: n.Log,
	})
	if err != nil {
		t.Fatal(err)
	}
	n.Closes("gateway", g.Close)
	n.Submit(n.alice, oss.Authorize{Operator: g.Account()})
	user, err := client.New(g.Address(), n.alice)
	if err != nil {
		t.Fatal(err)
	}
	n.T.Cleanup(user.Close)
	fid, err := user.Put(n.ctx, territory, "noise", strings.NewReader("something to keep"), -1, client.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	n.Until("the file is active", func() (bool, error) { _, ok := n.file(fid); return ok, nil })
	file, _ := n.file(fid)
	// A miner with a fragment that is not zeros is left alone with the gateway.
	var m *Miner
	var lost types.Hash
	for _, f := range file.SegmentList[0].FragmentList {
		i := slices.IndexFunc(miners, func(m *Miner) bool { return m.Account() == f.Miner })
		if !isZero(f.Hash) && i >= 0 {
			m, lost = miners[i], f.Hash
			closeAll(t, slices.DeleteFunc(slices.Clone(miners), func(other *Miner) bool { return other == m }))
			running = []*Miner{m}
			break
		}
	}
	n.Until("the fragment is kept", func() (bool, error) { return m.store.HasKept(fid, lost), nil })
	if err := m.store.DropFragment(fid, lost); err != nil {
		t.Fatal(err)
	}
	m.jobs.Wake(jobRestore)
	n.Until("the fragment is back", func() (bool, error) {
		_, err := m.store.Read(fid, lost)
		return err == nil, errors.Join(err, fmt.Errorf("%+v", m.Status(n.ctx).Jobs))
	})
	if _, open, err := sdk.Find(n.ctx, n.chain.Best(), filebank.RestoralOrders, lost); open || err != nil {
		t.Errorf("the fragment was ordered from others: %t, %v", open, err)
	}
	if r := n.miner(m); string(r.State) != sminer.StatePositive {
		t.Errorf("the miner's state is %q", r.State)
	}
}
