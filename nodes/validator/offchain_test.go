package validator

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/rpc"
)

func TestOffchainSurvivesARestart(t *testing.T) {
	home := t.TempDir()
	open := func() *offchain {
		t.Helper()
		o, err := openOffchain(home)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	o := open()
	if v, err := o.Get([]byte("k")); v != nil || err != nil {
		t.Fatalf("a key that was never set: %x %v", v, err)
	}
	for _, v := range [][]byte{[]byte("first"), {}, {0, 0xff}} {
		if err := o.Set([]byte("k"), v); err != nil {
			t.Fatal(err)
		}
		o = open()
		if got, err := o.Get([]byte("k")); err != nil || got == nil || !bytes.Equal(got, v) {
			t.Errorf("%x %v, want %x", got, err, v)
		}
	}
}

func TestOffchainIsBounded(t *testing.T) {
	o, err := openOffchain(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	most := make([]byte, maxOffchain-1-pairCost)
	for range 2 { // replacing takes no further room
		if err := o.Set([]byte("a"), most); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.Set([]byte("b"), nil); !errors.Is(err, rpc.ErrOffchainFull) {
		t.Errorf("past the limit: %v", err)
	}
	if err := o.Set([]byte("a"), append(most, 0)); !errors.Is(err, rpc.ErrOffchainFull) {
		t.Errorf("past the limit: %v", err)
	}
	if v, err := o.Get([]byte("a")); err != nil || len(v) != len(most) {
		t.Errorf("%d bytes after refusals, %v", len(v), err)
	}
	if err := o.Set([]byte("a"), nil); err != nil {
		t.Fatal(err)
	}
	if err := o.Set([]byte("b"), []byte("now there is room")); err != nil {
		t.Error(err)
	}
}

func TestOffchainRefusesADamagedFile(t *testing.T) {
	for _, text := range []string{"", "{", `{"0g":""}`, `{"00":"0"}`, `[1]`, strings.Repeat(" ", 3*maxOffchain+1)} {
		home := t.TempDir()
		if err := os.WriteFile(filepath.Join(home, "offchain.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := openOffchain(home); err == nil || !strings.Contains(err.Error(), "move the file away") {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

// However small the pairs, what is kept can be read again.
func TestManySmallPairsAreReadAgain(t *testing.T) {
	home := t.TempDir()
	o := &offchain{path: filepath.Join(home, "offchain.json"), pairs: make(map[string]string)}
	for i := 0; o.size+2+pairCost <= maxOffchain && i < 1<<16; i++ {
		o.pairs[string([]byte{byte(i >> 8), byte(i)})] = ""
		o.size += 2 + pairCost
	}
	for i := 0; o.size+3+pairCost <= maxOffchain; i++ {
		o.pairs[string([]byte{byte(i >> 16), byte(i >> 8), byte(i)})] = ""
		o.size += 3 + pairCost
	}
	if err := o.write(); err != nil {
		t.Fatal(err)
	}
	again, err := openOffchain(home)
	if err != nil || len(again.pairs) != len(o.pairs) || again.size != o.size {
		t.Fatalf("read again: %v", err)
	}
}
