package electionprovidermultiphase

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// SubmitUnsigned would submit what a validator's node has computed.
type SubmitUnsigned struct {
	RawSolution RawSolution            `type:"Box<RawSolution<SolutionOf<T::MinerConfig>>>"`
	Witness     SolutionOrSnapshotSize `type:"SolutionOrSnapshotSize"`
}

// Dispatch returns PreDispatchEarlySubmission.
func (SubmitUnsigned) Dispatch(_ *runtime.Context, origin runtime.Origin) error {
	if err := origin.None(); err != nil {
		return err
	}
	return ErrPreDispatchEarlySubmission
}

// SetMinimumUntrustedScore writes the least score of a submission; root.
type SetMinimumUntrustedScore struct {
	MaybeNextScore scale.Option[ElectionScore] `type:"Option<ElectionScore>"`
}

// Dispatch has no further effect.
func (c SetMinimumUntrustedScore) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	if score, ok := c.MaybeNextScore.Get(); ok {
		MinimumUntrustedScore.Put(ctx, score)
	} else {
		MinimumUntrustedScore.Delete(ctx)
	}
	return nil
}

// SetEmergencyElectionResult would name the winners after an election that
// failed; root. Here the validators go on until an election succeeds.
type SetEmergencyElectionResult struct {
	Supports []AccountSupport `type:"Supports<T::AccountId>"`
}

// Dispatch returns CallNotAllowed.
func (SetEmergencyElectionResult) Dispatch(_ *runtime.Context, origin runtime.Origin) error {
	return notAllowed(origin)
}

// Submit would submit a solution with a deposit.
type Submit struct {
	RawSolution RawSolution `type:"Box<RawSolution<SolutionOf<T::MinerConfig>>>"`
}

// Dispatch returns PreDispatchEarlySubmission.
func (Submit) Dispatch(_ *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	return ErrPreDispatchEarlySubmission
}

// GovernanceFallback would compute the election in an emergency; root.
type GovernanceFallback struct {
	MaybeMaxVoters  scale.Option[uint32] `type:"Option<u32>"`
	MaybeMaxTargets scale.Option[uint32] `type:"Option<u32>"`
}

// Dispatch returns CallNotAllowed.
func (GovernanceFallback) Dispatch(_ *runtime.Context, origin runtime.Origin) error {
	return notAllowed(origin)
}

func notAllowed(origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return ErrCallNotAllowed
}

// rules refuse solutions without a signature as the reference does outside of its
// unsigned phase: with the index of PreDispatchEarlySubmission.
type rules struct{}

// Verify always fails.
func (rules) Verify(*runtime.Runtime, runtime.Call) ([]byte, error) {
	return nil, substrate.InvalidCustom(ErrPreDispatchEarlySubmission.Index)
}

// Validate always fails.
func (rules) Validate(*runtime.Context, runtime.Call) (valid runtime.ValidUnsigned, err error) {
	return valid, substrate.InvalidCustom(ErrPreDispatchEarlySubmission.Index)
}
