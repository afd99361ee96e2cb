package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestFleetTakesWhatStandsUnderAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fleet.yaml")
	text := `heavy: 3
all:
  node: ws://127.0.0.1:1
  every: 2s
  cores: 4
miners:
  - name: one
    home: a
    key: //Miner1
    listen: 127.0.0.1:15001
  - home: b
    key: //Miner2
    listen: 127.0.0.1:15002
    cores: 1
    tee: ["0000000000000000000000000000000000000000000000000000000000000001"]
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := readFleet(path)
	if err != nil {
		t.Fatal(err)
	}
	if f.heavy != 3 || len(f.miners) != 2 || f.names[0] != "one" || f.names[1] != "miner-2" {
		t.Fatalf("%+v", f)
	}
	for i, cores := range []int{4, 1} {
		c := f.miners[i]
		if c.Cores != cores || c.Every != 2*time.Second || c.Chain != "ws://127.0.0.1:1" || c.SpaceEvery != 30*time.Second {
			t.Errorf("miner %d: %+v", i, c)
		}
	}
	if tees := f.miners[1].TEEs; len(tees) != 1 || tees[0][31] != 1 || len(f.miners[0].TEEs) != 0 {
		t.Errorf("TEE workers %v", tees)
	}
}
