package system_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/upgrade"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

func codeAt(c *palletstest.Chain) string { return string(c.Ctx().Get(runtime.CodeKey)) }

func codeNamed(name string, version uint32) []byte {
	return runtime.Code{SpecVersion: version, SpecName: scale.CowStr(name)}.Encode()
}

// The state names the runtime under the key that clients watch.
func TestCodeNamesTheRuntime(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	if got, want := codeAt(c), string(runtime.CodeOf(c.Runtime().Version()).Encode()); got != want {
		t.Errorf("code %x, want %x", got, want)
	}
}

// What set_code accepts depends on the state alone, never on what the program
// knows: nodes of different releases must agree.
func TestSetCode(t *testing.T) {
	next := codeNamed("cess-node", 138)
	for _, tt := range []struct {
		name string
		call runtime.Call
		want error
	}{
		{"a newer runtime", system.SetCode{Code: next}, nil},
		{"one that no program may know", system.SetCode{Code: codeNamed("cess-node", 4_000_000)}, nil},
		{"the same", system.SetCode{Code: codeNamed("cess-node", 137)}, system.ErrSpecVersionNeedsToIncrease},
		{"an older one", system.SetCode{Code: codeNamed("cess-node", 136)}, system.ErrSpecVersionNeedsToIncrease},
		{"another chain's", system.SetCode{Code: codeNamed("polkadot", 138)}, system.ErrInvalidSpecName},
		{"WebAssembly", system.SetCode{Code: []byte("\x00asm\x01\x00\x00\x00")}, system.ErrFailedToExtractRuntimeVersion},
		{"nothing", system.SetCode{}, system.ErrFailedToExtractRuntimeVersion},
		{"something behind", system.SetCode{Code: append(slices.Clone(next), 0)}, system.ErrFailedToExtractRuntimeVersion},
		{"an older one, unchecked", system.SetCodeWithoutChecks{Code: codeNamed("cess-node", 136)}, nil},
		{"another chain's, unchecked", system.SetCodeWithoutChecks{Code: codeNamed("polkadot", 138)}, system.ErrInvalidSpecName},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := palletstest.New(t, palletstest.Genesis{})
			before := codeAt(c)
			if err := c.Root(tt.call); !errors.Is(err, tt.want) {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			updates := len(palletstest.EventsOf[system.CodeUpdatedEvent](c))
			if changed := codeAt(c) != before; changed != (tt.want == nil) || changed != (updates == 1) {
				t.Errorf("code changed: %v, %d events", changed, updates)
			}
			logs := system.Digest.Get(c.Ctx()).Logs
			if told := slices.ContainsFunc(logs, isUpdate); told != (tt.want == nil) {
				t.Errorf("digest %v", logs)
			}
		})
	}
	c := palletstest.New(t, palletstest.Genesis{})
	for _, call := range []runtime.Call{system.SetCode{Code: next}, system.SetCodeWithoutChecks{Code: next}, system.AuthorizeUpgrade{}} {
		if err := c.Run(palletstest.Alice, call); !errors.Is(err, runtime.ErrBadOrigin) {
			t.Errorf("%T by a user: %v", call, err)
		}
	}
}

func isUpdate(item substrate.DigestItem) bool {
	return item.Kind == substrate.DigestRuntimeEnvironmentUpdated
}

func TestAuthorizedUpgrade(t *testing.T) {
	next, older := codeNamed("cess-node", 138), codeNamed("cess-node", 100)
	c := palletstest.New(t, palletstest.Genesis{})
	apply := func(code []byte) error {
		return c.Run(palletstest.Alice, system.ApplyAuthorizedUpgrade{Code: code})
	}
	if err := apply(next); !errors.Is(err, system.ErrNothingAuthorized) {
		t.Fatalf("nothing is authorized: %v", err)
	}
	if err := c.Root(system.AuthorizeUpgrade{CodeHash: crypto.Blake2b256(older)}); err != nil {
		t.Fatal(err)
	}
	if err := apply(next); !errors.Is(err, system.ErrUnauthorized) {
		t.Errorf("another code: %v", err)
	}
	if err := apply(older); !errors.Is(err, system.ErrSpecVersionNeedsToIncrease) {
		t.Errorf("an older version: %v", err)
	}
	if err := c.Root(system.AuthorizeUpgrade{CodeHash: crypto.Blake2b256(next)}); err != nil {
		t.Fatal(err)
	}
	if err := apply(next); err != nil {
		t.Fatal(err)
	}
	if codeAt(c) != string(next) || len(upgrade.History.Get(c.Ctx())) != 1 {
		t.Error("the upgrade did not happen")
	}
	if _, left := system.AuthorizedUpgrade.Get(c.Ctx()); left {
		t.Error("the authorization can be used again")
	}
}
