package electionprovidermultiphase

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// ElectionFinalizedEvent reports an election that succeeded.
type ElectionFinalizedEvent struct {
	Compute ElectionCompute `type:"ElectionCompute"`
	Score   ElectionScore   `type:"ElectionScore"`
}

// ElectionFailedEvent reports an election with too few winners.
type ElectionFailedEvent struct{}

// Events of the reference's phases, which this chain never emits.
type (
	SolutionStoredEvent struct {
		Compute     ElectionCompute                   `type:"ElectionCompute"`
		Origin      scale.Option[substrate.AccountID] `type:"Option<T::AccountId>"`
		PrevEjected bool                              `type:"bool"`
	}
	RewardedEvent struct {
		Account substrate.AccountID `type:"<T as frame_system::Config>::AccountId"`
		Value   types.Balance       `type:"BalanceOf<T>"`
	}
	SlashedEvent struct {
		Account substrate.AccountID `type:"<T as frame_system::Config>::AccountId"`
		Value   types.Balance       `type:"BalanceOf<T>"`
	}
	PhaseTransitionedEvent struct {
		From  Phase  `type:"Phase<BlockNumberFor<T>>"`
		To    Phase  `type:"Phase<BlockNumberFor<T>>"`
		Round uint32 `type:"u32"`
	}
)
