package collective

import "github.com/gocess/gocess/ledger/runtime"

// Errors of a body.
type Errors struct {
	NotMember             *runtime.ModuleError
	DuplicateProposal     *runtime.ModuleError // the same call is proposed already
	ProposalMissing       *runtime.ModuleError
	WrongIndex            *runtime.ModuleError // the hash and the index name different motions
	DuplicateVote         *runtime.ModuleError // the member has voted the same way
	AlreadyInitialized    *runtime.ModuleError
	TooEarly              *runtime.ModuleError // the votes do not decide the motion yet
	TooManyProposals      *runtime.ModuleError
	WrongProposalWeight   *runtime.ModuleError // the call weighs more than the limit
	WrongProposalLength   *runtime.ModuleError // the call is longer than the bound
	PrimeAccountNotMember *runtime.ModuleError
	ProposalActive        *runtime.ModuleError // the motion is still open
}

func newErrors(pallet uint8) Errors {
	next := uint8(0)
	declare := func(name string) *runtime.ModuleError {
		e := runtime.NewError(pallet, next, name)
		next++
		return e
	}
	return Errors{
		NotMember:             declare("NotMember"),
		DuplicateProposal:     declare("DuplicateProposal"),
		ProposalMissing:       declare("ProposalMissing"),
		WrongIndex:            declare("WrongIndex"),
		DuplicateVote:         declare("DuplicateVote"),
		AlreadyInitialized:    declare("AlreadyInitialized"),
		TooEarly:              declare("TooEarly"),
		TooManyProposals:      declare("TooManyProposals"),
		WrongProposalWeight:   declare("WrongProposalWeight"),
		WrongProposalLength:   declare("WrongProposalLength"),
		PrimeAccountNotMember: declare("PrimeAccountNotMember"),
		ProposalActive:        declare("ProposalActive"),
	}
}

func (e Errors) list() []*runtime.ModuleError {
	return []*runtime.ModuleError{
		e.NotMember, e.DuplicateProposal, e.ProposalMissing, e.WrongIndex, e.DuplicateVote, e.AlreadyInitialized,
		e.TooEarly, e.TooManyProposals, e.WrongProposalWeight, e.WrongProposalLength, e.PrimeAccountNotMember,
		e.ProposalActive,
	}
}
