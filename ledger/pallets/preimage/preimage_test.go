package preimage_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/preimage"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"pgregory.net/rapid"
)

var (
	bob     = palletstest.Bob
	charlie = palletstest.Charlie
	api     = preimage.API{}
	money   = balances.API{}
	text    = []byte("a hundred bytes would do as well")
	hash    = substrate.H256(crypto.Blake2b256(text))
	reason  = balances.HoldPreimage{Reason: balances.HoldPreimageDeposit}
	// deposit is 1 token and a hundredth for each of the 32 bytes.
	deposit = types.Tokens(132).Div64(100)
)

func note() preimage.NotePreimage { return preimage.NotePreimage{Bytes: text} }

func has(c *palletstest.Chain) bool {
	b, ok := api.Fetch(c.Ctx(), hash, uint32(len(text)))
	return ok && bytes.Equal(b, text)
}

func root(t *testing.T, c *palletstest.Chain, call runtime.Call) {
	t.Helper()
	if err := c.Root(call); err != nil {
		t.Fatal(err)
	}
}

func TestNoteHoldsADeposit(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(bob, note())
	if got := money.Held(c.Ctx(), bob, reason); got != deposit {
		t.Fatalf("%v is held, want %v", got, deposit)
	}
	if !has(c) {
		t.Fatal("the bytes are not stored")
	}
	if err := c.Run(charlie, note()); !errors.Is(err, preimage.ErrAlreadyNoted) {
		t.Fatalf("noted twice: %v", err)
	}
	if err := c.Run(charlie, preimage.UnnotePreimage{Hash: hash}); !errors.Is(err, preimage.ErrNotAuthorized) {
		t.Fatalf("unnoted by another: %v", err)
	}
	c.Must(bob, preimage.UnnotePreimage{Hash: hash})
	if got := money.Held(c.Ctx(), bob, reason); !got.IsZero() || has(c) {
		t.Fatalf("%v is held for bytes that are gone: %v", got, !has(c))
	}
	if err := c.Run(bob, preimage.UnnotePreimage{Hash: hash}); !errors.Is(err, preimage.ErrNotNoted) {
		t.Fatalf("unnoted twice: %v", err)
	}
}

// A preimage that was requested before is noted for nothing, once.
func TestRequestedIsFree(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	root(t, c, preimage.RequestPreimage{Hash: hash})
	if e := palletstest.EventsOf[preimage.RequestedEvent](c); len(e) != 1 {
		t.Fatalf("events %+v", c.Events())
	}
	before := money.Free(c.Ctx(), bob)
	c.Must(bob, note())
	if got := money.Free(c.Ctx(), bob); got != before {
		t.Fatalf("a requested preimage cost %v", before.SaturatingSub(got))
	}
	if err := c.Run(bob, note()); !errors.Is(err, preimage.ErrAlreadyNoted) {
		t.Fatalf("noted twice: %v", err)
	}
	if err := c.Run(bob, preimage.UnnotePreimage{Hash: hash}); !errors.Is(err, preimage.ErrNotAuthorized) {
		t.Fatalf("unnoted while it is needed: %v", err)
	}
	root(t, c, preimage.UnrequestPreimage{Hash: hash})
	if has(c) {
		t.Fatal("bytes that nobody needs or pays for are left")
	}
	if err := c.Root(preimage.UnrequestPreimage{Hash: hash}); !errors.Is(err, preimage.ErrNotRequested) {
		t.Fatalf("unrequested twice: %v", err)
	}
}

// The owner may take the deposit back while others need the bytes, which stay
// as long as they do.
func TestOwnerLeavesNeededBytes(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(bob, note())
	root(t, c, preimage.RequestPreimage{Hash: hash})
	root(t, c, preimage.RequestPreimage{Hash: hash})
	c.Must(bob, preimage.UnnotePreimage{Hash: hash})
	if got := money.Held(c.Ctx(), bob, reason); !got.IsZero() || !has(c) {
		t.Fatalf("%v is held, bytes: %v", got, has(c))
	}
	root(t, c, preimage.UnrequestPreimage{Hash: hash})
	if !has(c) {
		t.Fatal("one request of two keeps the bytes")
	}
	root(t, c, preimage.UnrequestPreimage{Hash: hash})
	if has(c) {
		t.Fatal("the bytes are left")
	}
}

func TestUnrequestReturnsToTheOwner(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(bob, note())
	root(t, c, preimage.RequestPreimage{Hash: hash})
	root(t, c, preimage.UnrequestPreimage{Hash: hash})
	if s, _ := preimage.Statuses.Get(c.Ctx(), hash); s != (preimage.Unrequested{Ticket: preimage.Deposit{Owner: bob, Ticket: preimage.HoldConsideration{Amount: deposit}}, Len: uint32(len(text))}) {
		t.Fatalf("status %+v", s)
	}
	root(t, c, preimage.UnnotePreimage{Hash: hash})
	if got := money.Held(c.Ctx(), bob, reason); !got.IsZero() {
		t.Fatalf("%v is held", got)
	}
}

func TestErrors(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	for label, x := range map[string]struct {
		call runtime.Call
		want error
	}{
		"request":      {preimage.RequestPreimage{Hash: hash}, runtime.ErrBadOrigin},
		"unrequest":    {preimage.UnrequestPreimage{Hash: hash}, runtime.ErrBadOrigin},
		"update none":  {preimage.EnsureUpdated{}, preimage.ErrTooFew},
		"update many":  {preimage.EnsureUpdated{Hashes: make([]substrate.H256, 1025)}, preimage.ErrTooMany},
		"update":       {preimage.EnsureUpdated{Hashes: []substrate.H256{hash}}, nil},
		"unnote never": {preimage.UnnotePreimage{Hash: hash}, preimage.ErrNotNoted},
	} {
		if err := c.Run(bob, x.call); !errors.Is(err, x.want) {
			t.Errorf("%s: got %v, want %v", label, err, x.want)
		}
	}
	err := c.Do(func(ctx *runtime.Context) error {
		_, err := api.Note(ctx, make([]byte, preimage.MaxSize+1))
		return err
	})
	if !errors.Is(err, preimage.ErrTooBig) {
		t.Errorf("more than 4 MiB: %v", err)
	}
	poor := palletstest.Account("poor")
	c.Must(bob, balances.TransferKeepAlive{Dest: substrate.AddressOf(poor), Value: types.Tokens(2)})
	if err := c.Run(poor, note()); !errors.Is(err, runtime.ErrFundsUnavailable) {
		t.Errorf("deposit of an account with two tokens: %v", err)
	}
}

// Whatever is called, deposits are held exactly for what is noted and owned,
// bytes are stored exactly while somebody needs or owns them, and money adds
// up.
func TestDepositInvariants(t *testing.T) {
	names := []substrate.AccountID{bob, charlie}
	texts := [][]byte{[]byte("one"), []byte("two"), make([]byte, 1000)}
	rapid.Check(t, func(t *rapid.T) {
		c := palletstest.New(t, palletstest.Genesis{})
		for range rapid.IntRange(1, 20).Draw(t, "calls") {
			who := rapid.SampledFrom(names).Draw(t, "who")
			b := rapid.SampledFrom(texts).Draw(t, "bytes")
			h := substrate.H256(crypto.Blake2b256(b))
			switch rapid.IntRange(0, 5).Draw(t, "kind") {
			case 0, 1:
				_ = c.Run(who, preimage.NotePreimage{Bytes: b})
			case 2:
				_ = c.Run(who, preimage.UnnotePreimage{Hash: h})
			case 3:
				_ = c.Root(preimage.RequestPreimage{Hash: h})
			case 4:
				_ = c.Root(preimage.UnrequestPreimage{Hash: h})
			case 5:
				_ = c.Root(preimage.NotePreimage{Bytes: b})
			}
			checkDeposits(t, c)
		}
	})
}

func checkDeposits(t *rapid.T, c *palletstest.Chain) {
	ctx := c.Ctx()
	held := map[substrate.AccountID]types.Balance{}
	stored := 0
	for h, status := range preimage.Statuses.Iter(ctx) {
		ticket := scale.None[preimage.Deposit]()
		length := scale.None[uint32]()
		switch s := status.(type) {
		case preimage.Unrequested:
			ticket, length = scale.Some(s.Ticket), scale.Some(s.Len)
		case preimage.Requested:
			ticket, length = s.MaybeTicket, s.MaybeLen
			if s.Count == 0 {
				t.Fatalf("%v is requested by nobody", h)
			}
		}
		if d, ok := ticket.Get(); ok {
			held[d.Owner] = held[d.Owner].SaturatingAdd(d.Ticket.Amount)
		}
		if n, ok := length.Get(); ok {
			stored++
			if b, ok := api.Fetch(ctx, h, n); !ok || substrate.H256(crypto.Blake2b256(b)) != h {
				t.Fatalf("the bytes of %v are missing", h)
			}
		}
	}
	for range preimage.Preimages.Iter(ctx) {
		stored--
	}
	if stored != 0 {
		t.Fatalf("%d preimages more than stored", stored)
	}
	sum := types.Balance{}
	for who, a := range system.Accounts.Iter(ctx) {
		sum = sum.SaturatingAdd(a.Data.Free).SaturatingAdd(a.Data.Reserved)
		if a.Data.Reserved != held[who] || money.Held(ctx, who, reason) != held[who] {
			t.Fatalf("%v has %v reserved, its preimages hold %v", types.Address(who), a.Data.Reserved, held[who])
		}
	}
	if total := balances.TotalIssuance.Get(ctx); total != sum {
		t.Fatalf("the total issuance is %v, all accounts together have %v", total, sum)
	}
}
