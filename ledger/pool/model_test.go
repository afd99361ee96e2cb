package pool

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// model is the pool as its documentation describes it, without any index: a
// list of extrinsics in the order of arrival.
type model struct {
	ledger *ledger
	items  []item
}

type item struct {
	extrinsic
	watch *Watch
}

func (m *model) find(signer byte, nonce uint32) int {
	return slices.IndexFunc(m.items, func(x item) bool { return x.signer == signer && x.nonce == nonce })
}

// readyOf is how many extrinsics of an account follow its nonce without a gap.
func (m *model) readyOf(signer byte) uint32 {
	n := m.ledger.nonce(substrate.AccountID{signer})
	count := uint32(0)
	for m.find(signer, n+count) >= 0 {
		count++
	}
	return count
}

func (m *model) ready(x item) bool {
	return x.nonce < m.ledger.nonce(x.account())+m.readyOf(x.signer)
}

// order is what a block takes: again and again the best of each account's next.
func (m *model) order() [][2]uint32 {
	next := map[byte]uint32{}
	var out [][2]uint32
	for {
		best := -1
		for i, x := range m.items {
			first := m.ledger.nonce(x.account()) + next[x.signer]
			if x.nonce == first && (best < 0 || x.tip > m.items[best].tip) {
				best = i
			}
		}
		if best < 0 {
			return out
		}
		x := m.items[best]
		next[x.signer]++
		out = append(out, [2]uint32{uint32(x.signer), x.nonce})
	}
}

// expect is the code that a submission is refused with, 0 if it is taken. The
// model has room for everything; bans are left to the table tests.
func (m *model) expect(x extrinsic) int {
	if i := m.find(x.signer, x.nonce); i >= 0 {
		switch {
		case m.items[i].extrinsic == x:
			return CodeAlreadyImported
		case m.tooLate(x):
			return CodeInvalid
		case x.tip <= m.items[i].tip:
			return CodePriorityTooLow
		}
		return 0
	}
	if x.nonce < m.ledger.nonce(x.account()) || m.tooLate(x) {
		return CodeInvalid
	}
	return 0
}

func (m *model) tooLate(x extrinsic) bool { return x.death != 0 && m.ledger.number+1 >= x.death }

func (m *model) submit(x extrinsic, w *Watch) {
	if i := m.find(x.signer, x.nonce); i >= 0 {
		m.items = slices.Delete(m.items, i, i+1)
	}
	m.items = append(m.items, item{x, w})
}

// advance removes what a block made obsolete.
func (m *model) advance() {
	m.items = slices.DeleteFunc(m.items, func(x item) bool {
		return x.nonce < m.ledger.nonce(x.account()) || m.tooLate(x.extrinsic)
	})
}

// compare checks that the pool holds what the model holds.
func (m *model) compare(p *Pool) error {
	if err := p.check(); err != nil {
		return err
	}
	ready := 0
	for _, x := range m.items {
		if p.Lookup(x.hash()) == nil {
			return fmt.Errorf("%+v is missing", x.extrinsic)
		}
		if m.ready(x) {
			ready++
		}
	}
	s := p.Stats()
	if s.Ready != ready || s.Ready+s.Future != len(m.items) {
		return fmt.Errorf("stats %+v, want %d ready of %d", s, ready, len(m.items))
	}
	if got, want := reaped(p), m.order(); !sameOrder(got, want) {
		return fmt.Errorf("a block would take %v, want %v", got, want)
	}
	for signer := range byte(4) {
		a := substrate.AccountID{signer}
		n := m.ledger.nonce(a)
		if got, want := p.NextIndex(a, n), n+m.readyOf(signer); got != want {
			return fmt.Errorf("next index of %d is %d, want %d", signer, got, want)
		}
	}
	return nil
}

func drawExtrinsic(t *rapid.T, l *ledger) extrinsic {
	x := extrinsic{
		signer: rapid.ByteRange(0, 3).Draw(t, "signer"),
		tip:    rapid.Uint64Range(0, 4).Draw(t, "tip"),
		pad:    rapid.IntRange(0, 2).Draw(t, "pad"),
	}
	base := int(l.nonce(x.account()))
	x.nonce = uint32(max(base+rapid.IntRange(-1, 5).Draw(t, "ahead"), 0))
	if rapid.Bool().Draw(t, "mortal") {
		x.death = l.number + uint32(rapid.IntRange(0, 5).Draw(t, "life"))
	}
	return x
}

// The pool does what the model does, whatever the order of events.
func TestPoolFollowsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLedger()
		p := New(l, l.view(), WithWorkers(1), WithBanTime(0), WithRecheck(0))
		defer p.Close()
		m := &model{ledger: l}
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) {
				if err := m.compare(p); err != nil {
					t.Fatal(err)
				}
			},
			"submit": func(t *rapid.T) {
				x := drawExtrinsic(t, l)
				want := m.expect(x)
				w, err := p.SubmitAndWatch(context.Background(), x.raw())
				var e *Error
				switch {
				case want == 0 && err == nil:
					m.submit(x, w)
				case want != 0 && errors.As(err, &e) && e.Code == want:
				default:
					t.Fatalf("submit %+v: %v, want code %d", x, err, want)
				}
			},
			"block": func(t *rapid.T) {
				take := p.Reap(math.MaxInt, rapid.IntRange(0, 6).Draw(t, "count"))
				p.Advance(l.block(take...))
				m.advance()
			},
			"foreign block": func(t *rapid.T) {
				x := drawExtrinsic(t, l)
				x.nonce, x.tip = l.nonce(x.account()), 77
				c, _, err := l.Decode(runtime.Parent{}, x.raw())
				if err != nil {
					t.Fatal(err)
				}
				p.Advance(l.block(c))
				m.advance()
			},
			"remove": func(t *rapid.T) {
				if len(m.items) == 0 {
					t.Skip()
				}
				i := rapid.IntRange(0, len(m.items)-1).Draw(t, "which")
				p.Remove(m.items[i].hash())
				m.items = slices.Delete(m.items, i, i+1)
			},
		})
	})
}

// Whatever happens, the limits hold and a stream of statuses makes sense.
func TestLimitsAndStreams(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLedger()
		p := New(l, l.view(), WithWorkers(1), WithMaxCount(6), WithMaxBytes(130), WithMaxPerAccount(4), WithMaxFuture(2))
		var watches []*Watch
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) {
				if err := p.check(); err != nil {
					t.Fatal(err)
				}
			},
			"submit": func(t *rapid.T) {
				if w, err := p.SubmitAndWatch(context.Background(), drawExtrinsic(t, l).raw()); err == nil {
					watches = append(watches, w)
				}
			},
			"block": func(t *rapid.T) {
				p.Advance(l.block(p.Reap(math.MaxInt, rapid.IntRange(0, 4).Draw(t, "count"))...))
			},
			"reject": func(t *rapid.T) {
				if take := p.Reap(math.MaxInt, 1); len(take) == 1 {
					p.Reject(take[0].Hash, substrate.InvalidPayment)
				}
			},
			"broke": func(t *rapid.T) {
				l.setBroke(substrate.AccountID{rapid.ByteRange(0, 3).Draw(t, "who")}, rapid.Bool().Draw(t, "broke"))
			},
		})
		p.Close()
		for _, w := range watches {
			if err := sensible(w); err != nil {
				t.Fatal(err)
			}
		}
		if l.opened != 0 {
			t.Fatalf("%d views are open after Close", l.opened)
		}
	})
}

// sensible checks the order of a stream's statuses.
func sensible(w *Watch) error {
	var last StatusKind
	for first := true; ; first = false {
		s, err := w.Next(context.Background())
		if err != nil {
			if first {
				return errors.New("a stream without a status")
			}
			if last.Terminal() != !errors.Is(err, ErrClosed) {
				return fmt.Errorf("the stream ended with %v after %v", err, last)
			}
			return nil
		}
		switch {
		case first && s.Kind > Ready:
			return fmt.Errorf("the first status is %v", s.Kind)
		case !first && (last.Terminal() || last == s.Kind || last == InBlock && s.Kind != Finalized ||
			s.Kind == InBlock && last != Ready && last != Future):
			return fmt.Errorf("%v after %v", s.Kind, last)
		}
		last = s.Kind
	}
}
