package gateway

import (
	"slices"
	"testing"
	"time"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// The columns follow the deal: what it lists is done, who was too slow loses
// its column, who reported another column can have no second one.
func TestReconcile(t *testing.T) {
	const timeout = time.Minute
	who := func(b byte) *types.Address { return &types.Address{b} }
	now := time.Now()
	r := testRecord(t)
	for i := range r.Columns {
		r.Columns[i] = Column{Index: uint8(i + 1), State: ColumnSent, Miner: who(byte(i + 1)), Since: now}
	}
	r.Columns[1].Since = now.Add(-2 * timeout) // slow
	r.Columns[2].State = ColumnSending         // a restart came between
	r.Columns[3].Miner = who(50)               // reports column 1
	r.Columns[4].State = ColumnReported        // the chain took it back
	r.Columns[5] = Column{Index: 6, State: ColumnWaiting, Since: now}
	deal := filebank.Deal{CompleteList: []filebank.CompleteInfo{
		{Index: 1, Miner: substrate.AccountID(*who(50))},
		{Index: 12, Miner: substrate.AccountID(*who(12))},
	}}
	roster := testRoster()
	todo := r.reconcile(deal, timeout, roster)
	if want := []int{1, 2, 3, 4, 5}; !slices.Equal(todo, want) {
		t.Errorf("columns to place: %v, want %v", todo, want)
	}
	for i, want := range map[int]*types.Address{0: who(50), 1: nil, 2: who(3), 3: nil, 4: nil, 5: nil, 6: who(7), 11: who(12)} {
		got := r.Columns[i].Miner
		if (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("column %d is with %v, want %v", i+1, got, want)
		}
	}
	if s := r.Columns[0].State; s != ColumnReported {
		t.Errorf("column 1 is %s although the deal lists it", s)
	}
	if roster.marks[*who(2)] == nil || roster.marks[*who(2)].failures != 1 {
		t.Error("the slow miner has no mark")
	}
	if err := r.validate(); err != nil {
		t.Error(err)
	}
	if again := r.reconcile(deal, timeout, roster); !slices.Equal(again, todo) {
		t.Errorf("the second look differs: %v", again)
	}
}
