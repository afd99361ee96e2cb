package genesis_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/genesis"
)

func dev(t testing.TB) *genesis.Spec {
	t.Helper()
	spec, err := genesis.Dev(genesis.DevOptions{
		GenesisTimeMs: 1_700_000_000_000, Miners: []genesis.DevMiner{{SURI: "//Miner1"}, {SURI: "//Miner2", Endpoint: "http://127.0.0.1:15001"}}, MinerIdleSpace: 1 << 40,
	})
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// A spec that was written and read again makes the same block 0.
func TestSpecRoundTrip(t *testing.T) {
	spec := dev(t)
	path := filepath.Join(t.TempDir(), "chain.json")
	if err := spec.Write(path); err != nil {
		t.Fatal(err)
	}
	again, err := genesis.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	state := func(s *genesis.Spec) []byte {
		rt, err := s.Runtime()
		if err != nil {
			t.Fatal(err)
		}
		changes, err := s.State(rt)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(changes)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	first := state(spec)
	for range 3 {
		if !bytes.Equal(first, state(again)) {
			t.Fatal("the same spec makes two different states")
		}
	}
}

func TestReadRefuses(t *testing.T) {
	var good bytes.Buffer
	if err := json.NewEncoder(&good).Encode(dev(t)); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"nothing":            "",
		"not JSON":           "chain",
		"an unknown field":   strings.Replace(good.String(), `"name"`, `"nam"`, 1),
		"a missing id":       strings.Replace(good.String(), `"id":"cess-dev"`, `"id":""`, 1),
		"a strange id":       strings.Replace(good.String(), `"id":"cess-dev"`, `"id":"../etc"`, 1),
		"no block time":      strings.Replace(good.String(), `"blockTimeMs":1000`, `"blockTimeMs":0`, 1),
		"no genesis time":    strings.Replace(good.String(), `"genesisTimeMs":1700000000000`, `"genesisTimeMs":0`, 1),
		"something after it": good.String() + "{}",
	} {
		if text == good.String() {
			t.Fatalf("%s: the test changes nothing", name)
		}
		if _, err := genesis.Read(strings.NewReader(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestGenesisRefusesStrangers(t *testing.T) {
	for name, change := range map[string]func(*genesis.Spec){
		"a pallet that does not exist": func(s *genesis.Spec) { s.Pallets["Nobody"] = json.RawMessage("{}") },
		"an unknown field":             func(s *genesis.Spec) { s.Pallets["Sudo"] = json.RawMessage(`{"kee":1}`) },
		"a bad address":                func(s *genesis.Spec) { s.Pallets["Sudo"] = json.RawMessage(`{"key":"cX"}`) },
		"dust": func(s *genesis.Spec) {
			s.Pallets["Balances"] = json.RawMessage(`{"balances":{"0x` + strings.Repeat("01", 32) + `":"5"}}`)
		},
		"no validators": func(s *genesis.Spec) { s.Pallets["Session"] = json.RawMessage(`{"validators":[]}`) },
	} {
		spec := dev(t)
		change(spec)
		rt, err := spec.Runtime()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := spec.State(rt); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	var good bytes.Buffer
	if err := json.NewEncoder(&good).Encode(dev(f)); err != nil {
		f.Fatal(err)
	}
	f.Add(good.Bytes())
	f.Add([]byte(`{"name":"x","id":"x","chainType":"Live","blockTimeMs":1000,"genesisTimeMs":1,"genesis":{"Sudo":{}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		spec, err := genesis.Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		rt, err := spec.Runtime()
		if err != nil {
			return
		}
		_, _ = spec.State(rt) // must not panic
	})
}
