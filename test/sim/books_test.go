package sim

import (
	"bytes"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/test/auditor"
)

// books is a state store that follows the chain, and what it should hold.
type books struct {
	store  *state.Store
	pairs  []state.KV
	height uint64
}

func issued(ctx *runtime.Context) scale.U128 { return auditor.Issued(ctx) }

var fragmentSize = scale.U128From64(types.FragmentSize)

// money holds after every block that the issuance changed by what the block's
// events say.
func (s *sim) money() {
	want := s.issuance
	for _, e := range palletstest.EventsOf[balances.MintedEvent](s.Chain) {
		want = want.SaturatingAdd(e.Amount)
	}
	for _, e := range palletstest.EventsOf[balances.BurnedEvent](s.Chain) {
		want = want.SaturatingSub(e.Amount)
	}
	for _, e := range palletstest.EventsOf[balances.RescindedEvent](s.Chain) {
		want = want.SaturatingSub(e.Amount)
	}
	for _, e := range palletstest.EventsOf[balances.DustLostEvent](s.Chain) {
		want = want.SaturatingSub(e.Amount)
	}
	if s.issuance = issued(s.Ctx()); s.issuance != want {
		s.t.Fatalf("the issuance is %v planck, with declared mints and burns %v", s.issuance, want)
	}
}

// check holds all books against each other.
func (s *sim) check() {
	s.checks++
	check := auditor.Quick
	if s.checks%10 == 0 {
		check = auditor.Check
	}
	if faults := check(s.Ctx()); len(faults) > 0 {
		s.t.Fatalf("%d books disagree, first: %v", len(faults), faults[0])
	}
}

// root brings the store up to the chain and keeps the state root.
func (s *sim) root() {
	b := s.books
	var now, changes []state.KV
	s.Ctx().Scan(nil, nil, func(key, value []byte) bool {
		now = append(now, state.KV{Key: key, Value: value}) // neither changes any more
		return true
	})
	i, j := 0, 0
	for i < len(b.pairs) || j < len(now) {
		switch c := compareAt(b.pairs, i, now, j); {
		case c < 0:
			changes = append(changes, state.KV{Key: b.pairs[i].Key})
			i++
		case c > 0:
			changes = append(changes, now[j])
			j++
		default:
			if !bytes.Equal(b.pairs[i].Value, now[j].Value) {
				changes = append(changes, now[j])
			}
			i, j = i+1, j+1
		}
	}
	staged, err := b.store.Stage(b.height, changes)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := b.store.Commit(staged, nil); err != nil {
		s.t.Fatal(err)
	}
	b.pairs, b.height = now, b.height+1
	s.roots, s.states = append(s.roots, staged.Root()), s.states+1
}

func compareAt(a []state.KV, i int, b []state.KV, j int) int {
	switch {
	case i == len(a):
		return 1
	case j == len(b):
		return -1
	}
	return bytes.Compare(a[i].Key, b[j].Key)
}
