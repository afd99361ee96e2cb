package rpc_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/rpc"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
)

func keystore(t *testing.T) *crypto.SessionKeystore {
	t.Helper()
	k, err := crypto.OpenSessionKeystore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Rotated keys are 161 bytes that set_keys takes, each in the keystore under
// its kind.
func TestRotateKeys(t *testing.T) {
	store := keystore(t)
	c := startNode(t, rpc.Config{}, withKeys(store)).dial()
	first := c.result("author_rotateKeys", "")
	if c.result("author_rotateKeys", "") == first {
		t.Error("the same keys again")
	}
	raw, err := hex.DecodeString(strings.Trim(first, `"`)[2:])
	if err != nil {
		t.Fatal(err)
	}
	keys, err := scale.Unmarshal[types.SessionKeys](raw)
	if err != nil {
		t.Fatal(err)
	}
	if !store.Has(crypto.Grandpa, keys.Grandpa[:]) || !store.Has(crypto.Beefy, keys.Beefy[:]) {
		t.Error("keys are not in the keystore")
	}
	if got := c.result("author_hasSessionKeys", "["+first+"]"); got != "true" {
		t.Errorf("has its keys: %s", got)
	}
	raw[0] ^= 1
	if got := c.result("author_hasSessionKeys", "["+hexes(raw)+"]"); got != "false" {
		t.Errorf("has somebody's keys: %s", got)
	}
	if got := c.call("author_hasSessionKeys", "["+hexes(raw[1:])+"]"); !strings.Contains(got, "-32602") {
		t.Errorf("160 bytes: %s", got)
	}
	if got := c.result("author_hasKey", "["+hexes(keys.Babe[:])+`,"babe"]`); got != "true" {
		t.Errorf("has babe key: %s", got)
	}
	if got := c.result("author_hasKey", "["+hexes(keys.Babe[:])+`,"imon"]`); got != "false" {
		t.Errorf("has babe key for im-online: %s", got)
	}
}

func TestInsertKey(t *testing.T) {
	c := startNode(t, rpc.Config{}, withKeys(keystore(t))).dial()
	alice := pair(t, "//Alice").Public()
	for _, kind := range []string{"rrsc", "babe"} { // one kind, by both its names
		if got := c.result("author_insertKey", `["`+kind+`","//Alice",`+hexes(alice)+`]`); got != "null" {
			t.Errorf("insert %s: %s", kind, got)
		}
		if got := c.result("author_hasKey", "["+hexes(alice)+`,"`+kind+`"]`); got != "true" {
			t.Errorf("has %s: %s", kind, got)
		}
	}
	for _, params := range []string{
		`["babe","//Bob",` + hexes(alice) + `]`, // another key
		`["aura","//Alice",` + hexes(alice) + `]`,
		`["babe","one two three",` + hexes(alice) + `]`,
		`["babe","//Alice"]`, `[]`,
	} {
		if got := c.call("author_insertKey", params); !strings.Contains(got, "-32602") || strings.Contains(got, "three") {
			t.Errorf("%s: %s", params, got)
		}
	}
}

// Who may not change the node makes no keys in it, by no name.
func TestKeysAreForTheOperator(t *testing.T) {
	store := keystore(t)
	c := startNode(t, rpc.Config{Server: jsonrpc.Config{Unsafe: jsonrpc.UnsafeNever}}, withKeys(store)).dial()
	for method, params := range map[string]string{
		"author_rotateKeys": "", "author_hasKey": `["0x00","gran"]`, "author_hasSessionKeys": `["0x00"]`,
		"author_insertKey": `["gran","//Alice","0x00"]`, "state_call": `["SessionKeys_generate_session_keys","0x00"]`,
	} {
		if got := c.call(method, params); !strings.Contains(got, `"error"`) {
			t.Errorf("%s: %s", method, got)
		}
	}
	if list, err := store.List(crypto.Grandpa); err != nil || len(list) > 0 {
		t.Errorf("keys %x, %v", list, err)
	}
}

func TestGenerateSessionKeys(t *testing.T) {
	store := keystore(t)
	c := startNode(t, rpc.Config{}, withKeys(store)).dial()
	encoded := stateCall[[]byte](c, "SessionKeys_generate_session_keys", []byte{0})
	if len(encoded) != 161 || !store.Has(crypto.Grandpa, encoded[:32]) {
		t.Errorf("keys %x", encoded)
	}
	if got := c.call("state_call", `["SessionKeys_generate_session_keys","0x010401"]`); !strings.Contains(got, "author_insertKey") {
		t.Errorf("with a seed: %s", got)
	}
	if got := startNode(t, rpc.Config{}).dial().call("author_rotateKeys", ""); !strings.Contains(got, "no keystore") {
		t.Errorf("without a keystore: %s", got)
	}
}
