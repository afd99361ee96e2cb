package collective

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Genesis are the first members. There is no prime member.
type Genesis struct {
	Members []types.Address `json:"members"`
}

func (c *Collective) genesis(ctx *runtime.Context, raw json.RawMessage) error {
	var g Genesis
	if err := types.DecodeGenesis(raw, &g); err != nil {
		return err
	}
	members := make([]substrate.AccountID, len(g.Members))
	for i, m := range g.Members {
		members[i] = substrate.AccountID(m)
	}
	members = sorted(members)
	if len(members) > maxMembers {
		return fmt.Errorf("%d members, more than %d", len(members), maxMembers)
	}
	if len(members) > 0 {
		c.Members.Put(ctx, members)
	}
	return nil
}

// sorted is the list in ascending order, each account once.
func sorted(members []substrate.AccountID) []substrate.AccountID {
	members = slices.Clone(members)
	slices.SortFunc(members, func(a, b substrate.AccountID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(members)
}

// member returns the signer, who must be a member.
func (c *Collective) member(ctx *runtime.Context, origin runtime.Origin) (substrate.AccountID, error) {
	who, err := origin.Signed()
	if err != nil {
		return who, err
	}
	if !slices.Contains(c.Members.Get(ctx), who) {
		return who, c.Errors.NotMember
	}
	return who, nil
}

// SetMembers replaces the members; root.
type SetMembers[I Instance] struct {
	NewMembers []substrate.AccountID             `type:"Vec<T::AccountId>"`
	Prime      scale.Option[substrate.AccountID] `type:"Option<T::AccountId>"`
	OldCount   uint32                            `type:"MemberCount"` // only the reference's weight depends on it
}

// Dispatch removes the votes of those who leave from all open motions. An
// account that is named twice is one member. More than 100 members, of which
// the reference only warns, are refused with Exhausted: weights and votes are
// bounded by that number.
func (call SetMembers[I]) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	c := of[I]()
	if err := origin.Root(); err != nil {
		return err
	}
	prime, hasPrime := call.Prime.Get()
	if hasPrime && !slices.Contains(call.NewMembers, prime) {
		return c.Errors.PrimeAccountNotMember
	}
	members := sorted(call.NewMembers)
	if len(members) > maxMembers {
		return substrate.ErrExhausted
	}
	outgoing := slices.DeleteFunc(c.Members.Get(ctx), func(who substrate.AccountID) bool {
		return slices.Contains(members, who)
	})
	if len(outgoing) > 0 {
		for _, hash := range c.Proposals.Get(ctx) {
			err := c.Voting.Mutate(ctx, hash, nil, func(v *Votes) error {
				v.drop(outgoing)
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	c.Members.Put(ctx, members)
	if hasPrime {
		c.Prime.Put(ctx, prime)
	} else {
		c.Prime.Delete(ctx)
	}
	return nil
}
