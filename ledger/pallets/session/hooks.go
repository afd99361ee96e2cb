package session

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Epochs is what sessions follow: session k is epoch k.
type Epochs interface {
	Epoch(ctx *runtime.Context) uint64
	SetAuthorities(ctx *runtime.Context, current, next []types.BabeKey) error
}

// Eras counts sessions. When session i+1 starts, EndSession(i),
// StartSession(i+1) and PlanSession(i+2) are called in this order
// (spec/consensus.md §3); at genesis sessions 0 and 1 are planned and 0 starts.
type Eras interface {
	EndSession(ctx *runtime.Context, session uint32)
	StartSession(ctx *runtime.Context, session uint32)
	// PlanSession names the validators of the session.
	PlanSession(ctx *runtime.Context, session uint32, validators []substrate.AccountID)
}

// KeyUser follows the session keys of validators.
type KeyUser interface {
	// SetSessionKeys tells the keys of the session that begins and of the next
	// one.
	SetSessionKeys(ctx *runtime.Context, current, next []types.SessionKeys)
}

// Genesis are the first validators with their session keys, in the order that
// author indices refer to.
type Genesis struct {
	Validators []GenesisValidator `json:"validators"`
}

// GenesisValidator is a validator's stash and its keys; keys are 0x-hex.
type GenesisValidator struct {
	Stash types.Address     `json:"stash"`
	Keys  types.SessionKeys `json:"keys"`
}

// Set by Wire.
var (
	epochs   Epochs
	eras     Eras
	keyUsers []KeyUser
)

// Wire names what this pallet uses of others, and who follows the keys.
func Wire(e Epochs, s Eras, k ...KeyUser) { epochs, eras, keyUsers = e, s, k }

func genesis(ctx *runtime.Context, raw json.RawMessage) error {
	var g Genesis
	if err := types.DecodeGenesis(raw, &g); err != nil {
		return err
	}
	if len(g.Validators) == 0 {
		return errors.New("no validators")
	}
	var stashes []substrate.AccountID
	var queued []ValidatorKeys
	var authorities []types.BabeKey
	for _, v := range g.Validators {
		stash := substrate.AccountID(v.Stash)
		if err := register(ctx, stash, v.Keys); err != nil {
			return fmt.Errorf("validator %v: %w", v.Stash, err)
		}
		stashes = append(stashes, stash)
		queued = append(queued, ValidatorKeys{Validator: stash, Keys: v.Keys})
		authorities = append(authorities, v.Keys.Babe)
	}
	Validators.Put(ctx, stashes)
	QueuedKeys.Put(ctx, queued)
	QueuedChanged.Put(ctx, false)
	CurrentIndex.Put(ctx, 0)
	DisabledValidators.Put(ctx, []uint32{})
	eras.PlanSession(ctx, 0, stashes)
	eras.PlanSession(ctx, 1, stashes)
	eras.StartSession(ctx, 0)
	tellKeys(ctx, queued, queued)
	return epochs.SetAuthorities(ctx, authorities, authorities)
}

// tellKeys tells all who follow them the keys of a session that begins and of
// the one after it.
func tellKeys(ctx *runtime.Context, current, next []ValidatorKeys) {
	for _, user := range keyUsers {
		user.SetSessionKeys(ctx, keysOf(current), keysOf(next))
	}
}

func keysOf(validators []ValidatorKeys) []types.SessionKeys {
	keys := make([]types.SessionKeys, len(validators))
	for i, v := range validators {
		keys[i] = v.Keys
	}
	return keys
}

// register stores a validator's keys, which nobody else may have.
func register(ctx *runtime.Context, stash substrate.AccountID, keys types.SessionKeys) error {
	if !system.Exists(ctx, stash) {
		return ErrNoAccount
	}
	if err := system.IncConsumers(ctx, stash); err != nil {
		return err
	}
	for _, key := range owned(keys) {
		if _, taken := KeyOwners.Get(ctx, key); taken {
			return ErrDuplicatedKey
		}
		KeyOwners.Put(ctx, key, stash)
	}
	NextKeys.Put(ctx, stash, keys)
	return nil
}

func owned(k types.SessionKeys) []OwnedKey {
	return []OwnedKey{
		{types.KeyTypeGrandpa, k.Grandpa[:]},
		{types.KeyTypeBabe, k.Babe[:]},
		{types.KeyTypeImOnline, k.ImOnline[:]},
		{types.KeyTypeAuthorityDiscovery, k.AuthorityDiscovery[:]},
		{types.KeyTypeBeefy, k.Beefy[:]},
	}
}

// onInitialize rotates at the first block of an epoch: the queued validators
// take over. Nothing queues others yet, so that the set stays.
func onInitialize(ctx *runtime.Context) {
	epoch := uint32(epochs.Epoch(ctx))
	if epoch == CurrentIndex.Get(ctx) {
		return
	}
	queued := QueuedKeys.Get(ctx)
	var stashes []substrate.AccountID
	for _, v := range queued {
		stashes = append(stashes, v.Validator)
	}
	eras.EndSession(ctx, epoch-1)
	Validators.Put(ctx, stashes)
	CurrentIndex.Put(ctx, epoch)
	eras.StartSession(ctx, epoch)
	eras.PlanSession(ctx, epoch+1, stashes)
	tellKeys(ctx, queued, queued)
	ctx.Emit(NewSessionEvent{SessionIndex: epoch})
}
