package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit/testnet"
	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/nodes/miner"
	"github.com/gocess/gocess/nodes/tee"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// On a real chain the doctor finds what is wrong with a miner, and nothing when
// all is well.
func TestDoctorOnAChain(t *testing.T) {
	address, listen := testnet.FreeAddress(t), testnet.FreeAddress(t)
	n := testnet.Start(t, testnet.Options{Dev: genesis.DevOptions{
		Miners: []genesis.DevMiner{{SURI: "//Miner1"}}, MinerIdleSpace: 1 << 40, Endowed: []string{"//Newcomer"},
		TEE: &genesis.DevTEE{SURI: "//Tee", Endpoint: "http://" + address},
	}})
	// examine runs `cess miner doctor` and says for each check whether all is
	// well with it.
	examine := func(key string) map[string]bool {
		t.Helper()
		var out bytes.Buffer
		cmd := root()
		cmd.SetOut(&out)
		cmd.SetErr(&out)
		cmd.SetArgs([]string{
			"miner", "doctor", "--home", filepath.Join(n.Dir, "miners"), "--key", key, "--node", n.RPC, "--listen", listen, "--reserve-mib", "1", "--json",
		})
		failed := cmd.ExecuteContext(n.Ctx)
		var findings []finding
		if err := json.Unmarshal(out.Bytes(), &findings); err != nil {
			t.Fatalf("%v: %s: %v", failed, &out, err)
		}
		well, all := make(map[string]bool), true
		for _, f := range findings {
			if f.Check[:3] == "TEE" {
				f.Check = "TEE"
			}
			well[f.Check], all = f.OK, all && f.OK
		}
		if all != (failed == nil) {
			t.Errorf("%v with findings %s", failed, &out)
		}
		return well
	}
	check := func(what, key string, want map[string]bool) {
		t.Helper()
		maps.Copy(want, map[string]bool{"folder": true, "disk": true, "chain node": true, "idle space": true})
		if got := examine(key); !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	check("an account with tokens", "//Newcomer", map[string]bool{"account": true, "TEE": false})
	check("an account without tokens", "//Pauper", map[string]bool{"account": false, "TEE": false})
	check("a miner that does not run", "//Miner1", map[string]bool{"account": true, "endpoint": false, "TEE": false})

	key := testnet.Pair(t, crypto.Sr25519, "//Tee")
	stash := substrate.AccountID(testnet.Pair(t, crypto.Sr25519, "//Alice//stash").AccountID())
	w, err := tee.Start(n.Ctx, tee.Config{
		Home: filepath.Join(n.Dir, "tee"), Chain: n.RPC, Signer: key, Identity: key, Stash: &stash, Listen: address, Every: 300 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	n.Closes("TEE worker", w.Close)
	signer := testnet.Pair(t, crypto.Sr25519, "//Miner1")
	m, err := miner.Start(n.Ctx, miner.Config{
		Home: filepath.Join(n.Dir, "miners"), Chain: n.RPC, Signer: signer, Listen: listen, Every: 300 * time.Millisecond, ReserveBytes: 1 << 20, NoIdle: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	n.Closes("miner", m.Close)
	n.Until("the miner's address is on chain", func() (bool, error) {
		record, _, err := sdk.Find(n.Ctx, n.Client.Best(), sminer.Miners, m.Account())
		return string(record.Endpoint) == m.Endpoint(), err
	})
	n.Until("the TEE worker answers", func() (bool, error) { return examine("//Miner1")["TEE"], nil })
	check("a miner that runs", "//Miner1", map[string]bool{"account": true, "endpoint": true, "TEE": true})
}
