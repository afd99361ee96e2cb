package schedulercredit_test

import (
	"testing"

	credit "github.com/gocess/gocess/ledger/pallets/schedulercredit"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// everybody stands in for staking.
type everybody struct{}

func (everybody) IsController(*runtime.Context, substrate.AccountID) bool { return true }

func TestMain(m *testing.M) {
	credit.Wire(everybody{})
	m.Run()
}
