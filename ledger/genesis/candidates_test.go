package genesis_test

import (
	"encoding/json"
	"testing"

	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
)

// Candidates are bonded and have keys; the first of them have the seats.
func TestDevCandidates(t *testing.T) {
	spec, err := genesis.Dev(genesis.DevOptions{GenesisTimeMs: 1, Validators: 4, Candidates: 8})
	if err != nil {
		t.Fatal(err)
	}
	var s session.Genesis
	var g staking.Genesis
	for name, to := range map[string]any{"Session": &s, "Staking": &g} {
		if err := json.Unmarshal(spec.Pallets[name], to); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.Validators) != 4 || len(s.Candidates) != 4 || len(g.Stakers) != 8 || g.ValidatorCount != 4 {
		t.Errorf("%d seats, %d more candidates, %d bonds for %d seats", len(s.Validators), len(s.Candidates), len(g.Stakers), g.ValidatorCount)
	}
	if genesis.DevName(5) != "Ferdie" || genesis.DevName(6) != "Validator7" {
		t.Errorf("names %s, %s", genesis.DevName(5), genesis.DevName(6))
	}
	rt, err := spec.Runtime()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := spec.State(rt); err != nil {
		t.Errorf("block 0: %v", err)
	}
	for _, bad := range []genesis.DevOptions{{Validators: 3, Candidates: 2}, {Validators: 101}, {Candidates: 101}, {Validators: -1}} {
		bad.GenesisTimeMs = 1
		if _, err := genesis.Dev(bad); err == nil {
			t.Errorf("%d seats for %d candidates are accepted", bad.Validators, bad.Candidates)
		}
	}
}
