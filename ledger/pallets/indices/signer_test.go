package indices_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/indices"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// person is an account with a key.
type person struct{ crypto.Pair }

func newPerson(t *testing.T, suri string) person {
	t.Helper()
	pair, err := crypto.FromURI(crypto.Sr25519, suri)
	if err != nil {
		t.Fatal(err)
	}
	return person{pair}
}

func (p person) id() substrate.AccountID { return p.AccountID() }

// sign makes an extrinsic that names its signer by an index.
func (p person) sign(t *testing.T, c *palletstest.Chain, i, nonce uint32) []byte {
	t.Helper()
	call := runtime.RuntimeCall{Call: system.Remark{Remark: []byte("hello")}}
	version := c.Runtime().Version()
	genesis, _ := system.Hooks{}.BlockHash(c.Ctx(), 0)
	extra := runtime.Extra{Nonce: nonce}
	message, err := runtime.SigningPayload(call, extra, runtime.SpecVersion{Spec: version.SpecVersion, Transaction: version.TransactionVersion}, genesis, genesis)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := p.Sign(message)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := substrate.NewSignature(substrate.Sr25519, raw)
	if err != nil {
		t.Fatal(err)
	}
	x := runtime.Extrinsic{
		Signature: &runtime.ExtrinsicSignature{Address: substrate.AddressOfIndex(i), Signature: signature, Extra: extra},
		Call:      call,
	}
	b, err := x.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestExtrinsicsNameTheirSignerByIndex(t *testing.T) {
	one, two := newPerson(t, "//One"), newPerson(t, "//Two")
	c := palletstest.New(t, palletstest.Genesis{Balances: map[substrate.AccountID]types.Balance{
		one.id(): types.Tokens(1000), two.id(): types.Tokens(1000),
	}})
	c.NextBlocks(1)
	if err := c.Submit(one.sign(t, c, 7, 0)); !errors.Is(err, substrate.UnknownCannotLookup) {
		t.Fatalf("an index that nobody has: %v", err)
	}
	c.Must(one.id(), indices.Claim{Index: 7})
	if err := c.Submit(two.sign(t, c, 7, 0)); !errors.Is(err, substrate.InvalidBadProof) {
		t.Fatalf("an index of somebody else: %v", err)
	}
	if err := c.Submit(one.sign(t, c, 7, 1)); err != nil {
		t.Fatal(err)
	}
}

// An index may change hands after the pool has checked a signature: the
// extrinsic is no longer valid then, whoever checked it when.
func TestIndexChangesHandsBeforeInclusion(t *testing.T) {
	one, two := newPerson(t, "//One"), newPerson(t, "//Two")
	c := palletstest.New(t, palletstest.Genesis{Balances: map[substrate.AccountID]types.Balance{
		one.id(): types.Tokens(1000), two.id(): types.Tokens(1000),
	}})
	c.Must(one.id(), indices.Claim{Index: 7})
	c.NextBlocks(1)
	checked, err := c.Runtime().Check(c.Parent(), one.sign(t, c, 7, 1))
	if err != nil {
		t.Fatal(err)
	}
	c.Must(one.id(), indices.Transfer{New: at(two.id()), Index: 7})
	if _, err := c.Runtime().Validate(c.Parent(), checked); !errors.Is(err, substrate.InvalidBadProof) {
		t.Errorf("the pool keeps it: %v", err)
	}
	if err := c.Include(checked); !errors.Is(err, substrate.InvalidBadProof) {
		t.Errorf("a block takes it: %v", err)
	}
	c.Must(two.id(), indices.Free{Index: 7})
	if err := c.Include(checked); !errors.Is(err, substrate.UnknownCannotLookup) {
		t.Errorf("a block takes it though nobody has the index: %v", err)
	}
}
