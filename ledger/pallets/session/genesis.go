package session

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Genesis are the first validators with their session keys, in the order that
// author indices refer to, and the keys of others who may be elected later.
type Genesis struct {
	Validators []GenesisValidator `json:"validators"`
	Candidates []GenesisValidator `json:"candidates,omitempty"`
}

// GenesisValidator is a validator's stash and its keys; keys are 0x-hex.
type GenesisValidator struct {
	Stash types.Address     `json:"stash"`
	Keys  types.SessionKeys `json:"keys"`
}

func genesis(ctx *runtime.Context, raw json.RawMessage) error {
	var g Genesis
	if err := types.DecodeGenesis(raw, &g); err != nil {
		return err
	}
	if len(g.Validators) == 0 {
		return errors.New("no validators")
	}
	if len(g.Validators) > MaxValidators {
		return fmt.Errorf("%d validators, at most %d are possible", len(g.Validators), MaxValidators)
	}
	var stashes []substrate.AccountID
	var queued []ValidatorKeys
	for i, v := range append(g.Validators[:len(g.Validators):len(g.Validators)], g.Candidates...) {
		stash := substrate.AccountID(v.Stash)
		if NextKeys.Contains(ctx, stash) {
			return fmt.Errorf("validator %v is listed twice", v.Stash)
		}
		if _, err := register(ctx, stash, stash, v.Keys); err != nil {
			return fmt.Errorf("validator %v: %w", v.Stash, err)
		}
		if i < len(g.Validators) {
			stashes = append(stashes, stash)
			queued = append(queued, ValidatorKeys{Validator: stash, Keys: v.Keys})
		}
	}
	Validators.Put(ctx, stashes)
	QueuedKeys.Put(ctx, queued)
	QueuedChanged.Put(ctx, false)
	CurrentIndex.Put(ctx, 0)
	DisabledValidators.Put(ctx, []uint32{})
	manager.GenesisSessions(ctx, stashes)
	announce(ctx, false, queued, queued)
	return nil
}
