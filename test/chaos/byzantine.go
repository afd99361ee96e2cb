package chaos

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// cheatTag builds validators that can break the rules; cheatEnv says how.
const (
	cheatTag = "cheat"
	cheatEnv = "CESS_VALIDATOR_CHEAT"
)

// cheater is the last of four validators.
const cheater = 3

// byzantine is a scenario in which one of four validators breaks the rules all
// the time, in the way that its build knows by that name.
func byzantine(way, proves string, check func(*World) error) Manifest {
	return Manifest{
		Name: way, Proves: proves, Links: near, Epoch: 60,
		Tags:   []string{cheatTag},
		Env:    map[int][]string{cheater: {cheatEnv + "=" + way}},
		Faults: []Planned{{Calm, 2, 10}},
		Check:  check,
	}
}

// Calm leaves the network alone, which goes on.
var Calm = Fault{"calm", func(w *World) strike {
	return strike{
		story: "nothing",
		hold:  w.between(3*time.Second, 6*time.Second),
		begin: func() error { return nil },
		heal:  func() error { return nil },
		during: func(ctx context.Context) error {
			return w.goesOn(ctx, w.net.Nodes)
		},
	}
}}

// convicted checks that the cheater is to be slashed by the formula for one
// offender of four, and has lost its vote: it proposes no more while the others
// do.
func convicted(w *World) error {
	ctx, cancel := context.WithTimeout(w.t.Context(), w.manifest.Bound)
	defer cancel()
	who := w.net.Nodes[cheater].stash
	c, err := w.net.Dial(ctx, w.net.Nodes[0])
	if err != nil {
		return err
	}
	defer c.Close()
	active, err := sdk.Get(ctx, c.Best(), staking.ActiveEra)
	if err != nil {
		return err
	}
	era := active.Index
	exposure, found, err := sdk.FindPair(ctx, c.Best(), staking.ErasStakersOverview, era, who)
	if err != nil || !found {
		return fmt.Errorf("stake of the cheater in era %d: %w", era, err)
	}
	// (3k/n)² with one offender of four validators.
	want := exposure.Own.SaturatingMul(scale.U128From64(9)).Div64(16)
	slashes, err := sdk.List(ctx, c.Best(), staking.UnappliedSlashes)
	if err != nil {
		return err
	}
	var own []scale.U128
	for _, e := range slashes {
		for _, s := range e.Value {
			if s.Validator != who {
				return fmt.Errorf("%v is to be slashed, who kept the rules", s.Validator)
			}
			own = append(own, s.Own)
		}
	}
	if !slices.Equal(own, []scale.U128{want}) {
		return fmt.Errorf("the cheater is to be slashed by %v, want once %v, 9/16 of %v", own, want, exposure.Own)
	}
	w.story("the cheater is to be slashed by %v of %v planck", want, exposure.Own)
	return w.silenced(ctx, c, era, who)
}

// silenced checks that a validator makes no blocks while each of the others
// makes some.
func (w *World) silenced(ctx context.Context, c *sdk.Client, era uint32, who substrate.AccountID) error {
	points := func() (map[substrate.AccountID]uint32, error) {
		p, _, err := sdk.Find(ctx, c.Best(), staking.ErasRewardPoints, era)
		out := make(map[substrate.AccountID]uint32)
		for k, v := range p.Individual.Range {
			out[k] = v
		}
		return out, err
	}
	before, err := points()
	if err != nil {
		return err
	}
	if err := w.reaches(ctx, w.net.Nodes, w.chain.Top()+uint32(3*len(w.net.Nodes))); err != nil {
		return err
	}
	after, err := points()
	if err != nil {
		return err
	}
	for account, had := range after {
		if moved := had > before[account]; moved == (account == who) {
			return fmt.Errorf("%v had %d points of era %d and has %d; the cheater is %v", account, before[account], era, had, who)
		}
	}
	return nil
}

// unpunished checks that nobody is to be slashed: what the cheater does cannot
// be proven.
func unpunished(w *World) error {
	return w.ask(func(ctx context.Context, c *sdk.Client) error {
		slashes, err := sdk.List(ctx, c.Best(), staking.UnappliedSlashes)
		if err == nil && len(slashes) > 0 {
			return fmt.Errorf("slashes are due: %+v", slashes)
		}
		return err
	})
}

// Kinds of a block's pre-digest, spec/consensus.md §2.2.
const (
	secondaryPlain = 2
	secondaryVRF   = 3
)

// withoutRandomness checks that every block of the cheater is without the VRF
// that its vote should have carried, and that blocks of others have theirs:
// those whose votes were late for the commit may not.
func withoutRandomness(w *World) error {
	if err := unpunished(w); err != nil {
		return err
	}
	return w.ask(func(ctx context.Context, c *sdk.Client) error {
		who := w.net.Nodes[cheater].stash
		blocks := make(map[bool]int) // the cheater's, and others' with a VRF
		for number := uint32(2); number <= w.chain.Top(); number++ {
			hash, err := c.HashAt(ctx, number)
			if err != nil {
				return err
			}
			header, err := c.Header(ctx, &hash)
			if err != nil {
				return err
			}
			validators, err := sdk.Get(ctx, c.At(hash), session.Validators)
			if err != nil {
				return err
			}
			if len(header.Digest.Logs) == 0 || len(header.Digest.Logs[0].Data) < 5 {
				return fmt.Errorf("block %d has no pre-digest", number)
			}
			data := header.Digest.Logs[0].Data
			author := binary.LittleEndian.Uint32(data[1:])
			if int(author) >= len(validators) {
				return fmt.Errorf("block %d is by validator %d of %d", number, author, len(validators))
			}
			byCheater := validators[author] == who
			switch {
			case byCheater && data[0] != secondaryPlain:
				return fmt.Errorf("block %d by the cheater has a pre-digest of kind %d, want %d", number, data[0], secondaryPlain)
			case byCheater, data[0] == secondaryVRF:
				blocks[byCheater]++
			}
		}
		w.story("%d blocks by the cheater, %d with randomness by others", blocks[true], blocks[false])
		if blocks[true] == 0 || blocks[false] == 0 {
			return errors.New("the blocks of one side are missing")
		}
		return nil
	})
}

// ask asks the first node.
func (w *World) ask(question func(context.Context, *sdk.Client) error) error {
	ctx, cancel := context.WithTimeout(w.t.Context(), w.manifest.Bound)
	defer cancel()
	c, err := w.net.Dial(ctx, w.net.Nodes[0])
	if err != nil {
		return err
	}
	defer c.Close()
	return question(ctx, c)
}
