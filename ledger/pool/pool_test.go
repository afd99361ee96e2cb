package pool

import (
	"context"
	"errors"
	"io"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

func submit(t testing.TB, p *Pool, x extrinsic) error {
	t.Helper()
	_, err := p.Submit(context.Background(), x.raw())
	return err
}

func mustSubmit(t testing.TB, p *Pool, xs ...extrinsic) {
	t.Helper()
	for _, x := range xs {
		if err := submit(t, p, x); err != nil {
			t.Fatalf("submit %+v: %v", x, err)
		}
	}
}

// wantCode checks a refusal (spec/wire.md §5.2).
func wantCode(t testing.TB, err error, code int) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Code != code {
		t.Errorf("refused with %v, want code %d", err, code)
	}
}

func checked(t testing.TB, p *Pool, x extrinsic) *runtime.Checked {
	t.Helper()
	c := p.Lookup(x.hash())
	if c == nil {
		t.Fatalf("%+v is not in the pool", x)
	}
	return c
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name  string
		setup func(t *testing.T, p *Pool, l *ledger)
		x     extrinsic
		code  int
		data  string
		again int // code of a second attempt
	}{
		{name: "bad signature", x: extrinsic{signer: badSigner}, code: CodeInvalid,
			data: "Transaction has a bad signature", again: CodeTemporarilyBanned},
		{name: "outdated", x: extrinsic{signer: 1, nonce: 0}, code: CodeInvalid,
			data: "Transaction is outdated", again: CodeTemporarilyBanned,
			setup: func(t *testing.T, p *Pool, l *ledger) {
				mustSubmit(t, p, extrinsic{signer: 1, nonce: 0, tip: 9})
				p.Advance(l.block(checked(t, p, extrinsic{signer: 1, nonce: 0, tip: 9})))
			}},
		{name: "cannot pay", x: extrinsic{signer: 1}, code: CodeInvalid,
			data:  "Inability to pay some fees (e.g. account balance too low)",
			again: CodeInvalid,
			setup: func(_ *testing.T, _ *Pool, l *ledger) { l.setBroke(substrate.AccountID{1}, true) }},
		{name: "known", x: extrinsic{signer: 1}, code: CodeAlreadyImported, again: CodeAlreadyImported,
			data:  "0x" + hexOf(extrinsic{signer: 1}.hash()),
			setup: func(t *testing.T, p *Pool, _ *ledger) { mustSubmit(t, p, extrinsic{signer: 1}) }},
		{name: "same nonce, same tip", x: extrinsic{signer: 1, tip: 5, pad: 1}, code: CodePriorityTooLow, again: CodePriorityTooLow,
			data:  "The transaction has too low priority to replace another transaction already in the pool.",
			setup: func(t *testing.T, p *Pool, _ *ledger) { mustSubmit(t, p, extrinsic{signer: 1, tip: 5}) }},
		{name: "removed", x: extrinsic{signer: 1}, code: CodeTemporarilyBanned, again: CodeTemporarilyBanned,
			setup: func(t *testing.T, p *Pool, _ *ledger) {
				mustSubmit(t, p, extrinsic{signer: 1})
				if got := p.Remove(extrinsic{signer: 1}.hash()); len(got) != 1 {
					t.Fatalf("removed %d", len(got))
				}
			}},
		{name: "too many of one account", x: extrinsic{signer: 1, nonce: 4}, code: CodeImmediatelyDropped, again: CodeImmediatelyDropped,
			data: "The transaction couldn't enter the pool because of the limit",
			setup: func(t *testing.T, p *Pool, _ *ledger) {
				for n := range uint32(4) {
					mustSubmit(t, p, extrinsic{signer: 1, nonce: n})
				}
			}},
		{name: "too many behind a gap", x: extrinsic{signer: 1, nonce: 9}, code: CodeImmediatelyDropped, again: CodeImmediatelyDropped,
			data: "The transaction couldn't enter the pool because of the limit",
			setup: func(t *testing.T, p *Pool, _ *ledger) {
				mustSubmit(t, p, extrinsic{signer: 1, nonce: 7}, extrinsic{signer: 1, nonce: 8})
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, l := newTestPool(t, WithMaxPerAccount(4), WithMaxFuture(2))
			if c.setup != nil {
				c.setup(t, p, l)
			}
			err := submit(t, p, c.x)
			wantCode(t, err, c.code)
			var e *Error
			if errors.As(err, &e) && e.Data != c.data {
				t.Errorf("data %q, want %q", e.Data, c.data)
			}
			wantCode(t, submit(t, p, c.x), c.again)
		})
	}
}

func hexOf(h substrate.H256) string { return h.String()[2:] }

func TestFormatErrorHasCode1001(t *testing.T) {
	p, _ := newTestPool(t)
	_, err := p.Submit(context.Background(), []byte{1, 2, 3})
	wantCode(t, err, CodeFormat)
}

// A refusal for lack of money holds until the next block only.
func TestPaymentIsAskedAgainAfterABlock(t *testing.T) {
	p, l := newTestPool(t)
	x := extrinsic{signer: 1}
	l.setBroke(x.account(), true)
	wantCode(t, submit(t, p, x), CodeInvalid)
	l.setBroke(x.account(), false)
	wantCode(t, submit(t, p, x), CodeInvalid) // remembered
	p.Advance(l.block())
	mustSubmit(t, p, x)
}

func TestBlocksTakeTheBestFirstAndEachAccountInOrder(t *testing.T) {
	p, _ := newTestPool(t)
	mustSubmit(t, p,
		extrinsic{signer: 1, nonce: 1, tip: 100},
		extrinsic{signer: 2, nonce: 0, tip: 5},
		extrinsic{signer: 1, nonce: 0, tip: 1},
		extrinsic{signer: 3, nonce: 0, tip: 5},
		extrinsic{signer: 4, nonce: 1, tip: 1000}, // behind a gap
	)
	want := [][2]uint32{{2, 0}, {3, 0}, {1, 0}, {1, 1}}
	if got := reaped(p); !sameOrder(got, want) {
		t.Errorf("reaped %v, want %v", got, want)
	}
	if got := len(p.Pending()); got != len(want) {
		t.Errorf("%d pending, want %d", got, len(want))
	}
	if got := p.Stats(); got.Ready != 4 || got.Future != 1 || got.Accounts != 4 {
		t.Errorf("stats %+v", got)
	}
}

func TestReapRespectsRoom(t *testing.T) {
	p, _ := newTestPool(t)
	mustSubmit(t, p,
		extrinsic{signer: 1, nonce: 0, tip: 9, pad: 1000},
		extrinsic{signer: 1, nonce: 1, tip: 9},
		extrinsic{signer: 2, nonce: 0, tip: 1},
	)
	got := p.Reap(500, math.MaxInt)
	if len(got) != 1 || got[0].Signer != (substrate.AccountID{2}) {
		t.Errorf("an extrinsic overtook the one of its account that does not fit: %v", got)
	}
	if got := p.Reap(math.MaxInt, 2); len(got) != 2 {
		t.Errorf("%d extrinsics, want 2", len(got))
	}
}

func TestNextIndexCountsReadyOnly(t *testing.T) {
	p, l := newTestPool(t)
	a := substrate.AccountID{1}
	if got := p.NextIndex(a, 7); got != 7 {
		t.Errorf("without extrinsics: %d, want the state's 7", got)
	}
	mustSubmit(t, p, extrinsic{signer: 1, nonce: 0}, extrinsic{signer: 1, nonce: 1}, extrinsic{signer: 1, nonce: 3})
	if got := p.NextIndex(a, l.nonce(a)); got != 2 {
		t.Errorf("with nonces 0, 1 and 3: %d, want 2", got)
	}
}

func statuses(t *testing.T, w *Watch) (kinds []StatusKind, last Status) {
	t.Helper()
	for {
		s, err := w.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return kinds, last
		}
		if err != nil {
			t.Fatal(err)
		}
		kinds, last = append(kinds, s.Kind), s
	}
}

func watch(t *testing.T, p *Pool, x extrinsic) *Watch {
	t.Helper()
	w, err := p.SubmitAndWatch(context.Background(), x.raw())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestStatusStreams(t *testing.T) {
	for _, c := range []struct {
		name string
		x    extrinsic
		then func(t *testing.T, p *Pool, l *ledger)
		want []StatusKind
		last Status
	}{
		{"included", extrinsic{signer: 1}, func(t *testing.T, p *Pool, l *ledger) {
			p.Advance(l.block(checked(t, p, extrinsic{signer: 1})))
			p.Advance(l.block())
		}, []StatusKind{Ready, InBlock, Finalized}, Status{Kind: Finalized, Block: blockHash(1)}},

		{"promoted", extrinsic{signer: 1, nonce: 1}, func(t *testing.T, p *Pool, l *ledger) {
			mustSubmit(t, p, extrinsic{signer: 1, nonce: 0})
			p.Advance(l.block(checked(t, p, extrinsic{signer: 1, nonce: 0}), checked(t, p, extrinsic{signer: 1, nonce: 1})))
			p.Advance(l.block())
		}, []StatusKind{Future, Ready, InBlock, Finalized}, Status{Kind: Finalized, Block: blockHash(1)}},

		{"replaced", extrinsic{signer: 1}, func(t *testing.T, p *Pool, _ *ledger) {
			mustSubmit(t, p, extrinsic{signer: 1, tip: 1})
		}, []StatusKind{Ready, Usurped}, Status{Kind: Usurped, By: extrinsic{signer: 1, tip: 1}.hash()}},

		{"nonce used by a block", extrinsic{signer: 1}, func(t *testing.T, p *Pool, l *ledger) {
			other, _, _ := l.Decode(runtime.Parent{}, extrinsic{signer: 1, tip: 8}.raw())
			p.Advance(l.block(other))
		}, []StatusKind{Ready, Usurped}, Status{Kind: Usurped, By: extrinsic{signer: 1, tip: 8}.hash()}},

		{"era over", extrinsic{signer: 1, death: 3}, func(t *testing.T, p *Pool, l *ledger) {
			p.Advance(l.block())
			if p.Lookup(extrinsic{signer: 1, death: 3}.hash()) == nil {
				t.Error("block 2 may still include it")
			}
			p.Advance(l.block())
		}, []StatusKind{Ready, Invalid}, Status{Kind: Invalid}},

		{"refused by the block", extrinsic{signer: 1}, func(t *testing.T, p *Pool, _ *ledger) {
			p.Reject(extrinsic{signer: 1}.hash(), substrate.InvalidExhaustsResources) // may fit the next one
			p.Reject(extrinsic{signer: 1}.hash(), substrate.InvalidPayment)
		}, []StatusKind{Ready, Invalid}, Status{Kind: Invalid}},

		{"parked again", extrinsic{signer: 1, nonce: 1}, func(t *testing.T, p *Pool, _ *ledger) {
			mustSubmit(t, p, extrinsic{signer: 1, nonce: 0})
			p.Reject(extrinsic{signer: 1}.hash(), substrate.InvalidPayment)
			p.Remove(extrinsic{signer: 1, nonce: 1}.hash())
		}, []StatusKind{Future, Ready, Future, Dropped}, Status{Kind: Dropped}},

		{"evicted", extrinsic{signer: 1}, func(t *testing.T, p *Pool, _ *ledger) {
			mustSubmit(t, p, extrinsic{signer: 2, tip: 1}, extrinsic{signer: 3, tip: 1}, extrinsic{signer: 4, tip: 1})
		}, []StatusKind{Ready, Dropped}, Status{Kind: Dropped}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, l := newTestPool(t, WithMaxCount(3))
			w := watch(t, p, c.x)
			c.then(t, p, l)
			got, last := statuses(t, w)
			if !equalKinds(got, c.want) || last != c.last {
				t.Errorf("statuses %v ending in %+v, want %v ending in %+v", got, last, c.want, c.last)
			}
			if err := p.check(); err != nil {
				t.Error(err)
			}
		})
	}
}

func equalKinds(a, b []StatusKind) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// finalized follows inBlock after two seconds when no block comes, and not
// before (spec/wire.md §5.5).
func TestFinalizedWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		p := New(l, l.view())
		defer p.Close()
		w := watch(t, p, extrinsic{signer: 1})
		p.Advance(l.block(checked(t, p, extrinsic{signer: 1})))
		start := time.Now()
		statuses(t, w)
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("finalized %v after inBlock, want 2s", took)
		}
	})
}

func TestCloseEndsWatches(t *testing.T) {
	p, l := newTestPool(t)
	waiting := watch(t, p, extrinsic{signer: 1, nonce: 5})
	included := watch(t, p, extrinsic{signer: 2})
	p.Advance(l.block(checked(t, p, extrinsic{signer: 2})))
	p.Close()
	for _, w := range []*Watch{waiting, included} {
		for {
			if _, err := w.Next(context.Background()); err != nil {
				if !errors.Is(err, ErrClosed) {
					t.Errorf("stream ended with %v, want ErrClosed", err)
				}
				break
			}
		}
	}
	if err := submit(t, p, extrinsic{signer: 3}); !errors.Is(err, ErrClosed) {
		t.Errorf("submit after Close: %v", err)
	}
	if !p.Offer(extrinsic{signer: 3}.raw()) && p.ctx.Err() == nil {
		t.Error("offer after Close must not be retried")
	}
}

// A full pool gives up what is cheapest to lose, and never what the newcomer
// builds on.
func TestEviction(t *testing.T) {
	p, _ := newTestPool(t, WithMaxCount(4))
	mustSubmit(t, p,
		extrinsic{signer: 1, nonce: 0, tip: 3},
		extrinsic{signer: 1, nonce: 1, tip: 3},
		extrinsic{signer: 2, nonce: 0, tip: 2},
		extrinsic{signer: 3, nonce: 4, tip: 50}, // future: first to go
	)
	wantCode(t, submit(t, p, extrinsic{signer: 4, nonce: 3, tip: 50}), CodeImmediatelyDropped)
	mustSubmit(t, p, extrinsic{signer: 4, tip: 1}) // ready beats future
	wantCode(t, submit(t, p, extrinsic{signer: 5, tip: 1}), CodeImmediatelyDropped)
	mustSubmit(t, p, extrinsic{signer: 5, tip: 2}) // in place of 4
	want := [][2]uint32{{1, 0}, {1, 1}, {2, 0}, {5, 0}}
	if got := reaped(p); !sameOrder(got, want) {
		t.Errorf("left are %v, want %v", got, want)
	}
	if err := p.check(); err != nil {
		t.Error(err)
	}
}

// What the pool was told of is announced once when ready, and again while it
// stays.
func TestAnnounce(t *testing.T) {
	p, l := newTestPool(t, WithReannounce(2))
	mustSubmit(t, p, extrinsic{signer: 1, nonce: 0}, extrinsic{signer: 2, nonce: 1})
	if got := len(p.Announce(0)); got != 1 {
		t.Fatalf("announced %d, want the ready one", got)
	}
	if got := len(p.Announce(0)); got != 0 {
		t.Fatalf("announced %d twice", got)
	}
	mustSubmit(t, p, extrinsic{signer: 2, nonce: 0})
	if got := len(p.Announce(1)); got != 1 {
		t.Fatalf("announced %d, want 1 however small the limit", got)
	}
	if got := len(p.Announce(0)); got != 1 {
		t.Fatalf("announced %d, want the promoted one", got)
	}
	for range 2 {
		p.Advance(l.block())
		p.revalidate()
	}
	if got := len(p.Announce(0)); got != 3 {
		t.Fatalf("announced %d after two blocks, want all 3 again", got)
	}
}

// An account that can no longer pay loses its extrinsics without a block
// touching them.
func TestRecheckFindsWhatBecameInvalid(t *testing.T) {
	p, l := newTestPool(t)
	w := watch(t, p, extrinsic{signer: 1})
	l.setBroke(substrate.AccountID{1}, true)
	p.Advance(l.block())
	kinds, _ := statuses(t, w)
	if !equalKinds(kinds, []StatusKind{Ready, Invalid}) {
		t.Errorf("statuses %v", kinds)
	}
}

func TestOfferIsAsynchronousAndBounded(t *testing.T) {
	p, _ := newTestPool(t)
	if !p.Offer(extrinsic{signer: 1}.raw()) {
		t.Fatal("an empty queue refused")
	}
	for p.Stats().Ready != 1 {
		time.Sleep(time.Millisecond)
	}
	small, _ := newTestPool(t, WithQueue(1, 20))
	if err := submit(t, small, extrinsic{signer: 1, pad: 100}); err == nil {
		t.Error("an extrinsic larger than the queue was taken")
	}
}
