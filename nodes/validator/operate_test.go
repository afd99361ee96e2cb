package validator_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/nodes/validator"
	"github.com/gocess/gocess/primitives/crypto"
)

// A node whose keys lie in its keystore makes blocks, tells its operator what it
// does, takes new keys, and shows figures to Prometheus.
func TestNodeSignsWithItsKeystore(t *testing.T) {
	spec, err := genesis.Dev(genesis.DevOptions{GenesisTimeMs: uint64(time.Now().UnixMilli()), BlockTimeMs: 200})
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	store, err := crypto.OpenSessionKeystore(filepath.Join(home, validator.KeystoreDir))
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range crypto.KeyTypes {
		if _, err := store.Put(kind, "//Alice", nil); err != nil {
			t.Fatal(err)
		}
	}
	registry := prometheus.NewRegistry()
	_, client := startWith(t, validator.Config{Home: home, Spec: spec, RPC: "127.0.0.1:0", Registry: registry})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	waitHeight(t, ctx, client, 4)

	var s validator.Status
	if err := client.RPC().Call(ctx, &s, validator.StatusMethod); err != nil {
		t.Fatal(err)
	}
	alice := "0x" + hex.EncodeToString(pair(t, crypto.Ed25519, "//Alice").Public())
	if !s.Voting || s.VotingKey != alice || len(s.Deciding) != 1 || s.Deciding[0] != alice ||
		s.Stash != pair(t, crypto.Sr25519, "//Alice//stash").AccountID() || s.Signed == 0 || s.Missed != 0 || s.Foreign != 0 || s.DiskFree == 0 {
		t.Errorf("status %+v", s)
	}
	var keys string
	if err := client.RPC().Call(ctx, &keys, "author_rotateKeys"); err != nil {
		t.Fatal(err)
	}
	var roles json.RawMessage
	if err := client.RPC().Call(ctx, &roles, "system_nodeRoles"); err != nil || string(roles) != `["Authority"]` {
		t.Errorf("roles %s, %v", roles, err)
	}
	if err := client.RPC().Call(ctx, &s, validator.StatusMethod); err != nil || len(s.VotingKeys) != 2 {
		t.Errorf("keys after rotation: %v, %v", s.VotingKeys, err)
	}

	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	figures := make(map[string]float64)
	for _, f := range families {
		m := f.GetMetric()[0]
		figures[f.GetName()] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
	}
	for name, atLeast := range map[string]float64{
		"cess_node_height": 4, "cess_node_voting": 1, "cess_node_votes_total": 1, "cess_node_validators": 1,
		"cess_node_vrf_contributions": 1, "cess_node_block_seconds": 0.001, "cess_node_state_bytes": 1, "cess_node_vote_height": 4,
	} {
		if figures[name] < atLeast {
			t.Errorf("%s is %v, want at least %v", name, figures[name], atLeast)
		}
	}
}
