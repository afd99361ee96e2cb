package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/ledger/pallets/r2s"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/validator"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// standing is a validator as the chain sees it.
type standing struct {
	Stash      types.Address `json:"stash"`
	Bonded     types.Balance `json:"bonded"` // planck, without what is unlocking
	Candidate  bool          `json:"candidate"`
	Commission string        `json:"commission,omitempty"`
	// Seat is its place among the validators of the session, nil without one;
	// Queued says that it has one in the next session.
	Seat     *int   `json:"seat"`
	Queued   bool   `json:"queued"`
	Disabled bool   `json:"disabled"`
	Session  uint32 `json:"session"`
	Era      uint32 `json:"era"`
	// Points are what it and all validators earned in this era.
	Points    uint32 `json:"points"`
	AllPoints uint32 `json:"allPoints"`
	// LastSeen is the last session in which the chain saw its node alive.
	LastSeen *uint32 `json:"lastSeen"`
	// Score is how it stood in the last election, nil if it was not among those
	// with enough backing that were alive; Rank counts from 1.
	Score *r2s.CandidateScore `json:"score,omitempty"`
	Rank  int                 `json:"rank,omitempty"`
	Seats uint32              `json:"seats"`
	// Unpaid are past eras whose rewards nobody has claimed yet, and Due what the
	// validator and its nominators get for them together, in planck.
	Unpaid []uint32      `json:"unpaid"`
	Due    types.Balance `json:"due"`
	// Node is what the node says, if it is the one of --node.
	Node *validator.Status `json:"node,omitempty"`
}

func validatorStatus() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show a validator's seat, score, points and rewards",
		Example: `  cess validator status                      # of the node's own validator
  cess validator status --of //Alice//stash --json`,
		Args: cobra.NoArgs,
	}
	of := cmd.Flags().String("of", "", "the stash (default the one that the node votes for)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := dial(cmd)
		if err != nil {
			return err
		}
		defer c.Close()
		stash, err := stashOf(cmd.Context(), c, *of)
		if err != nil {
			return err
		}
		s, err := standingOf(cmd.Context(), c, stash)
		if err != nil {
			return err
		}
		if node, err := askNode(cmd.Context(), c); err == nil && node.Stash == s.Stash {
			s.Node = node
		}
		return show(cmd, s, s.print)
	}
	return cmd
}

// standingOf reads all of one block.
func standingOf(ctx context.Context, c *sdk.Client, stash substrate.AccountID) (*standing, error) {
	height, err := c.Height(ctx)
	if err != nil {
		return nil, err
	}
	at, err := c.AtHeight(ctx, height)
	if err != nil {
		return nil, err
	}
	s := &standing{Stash: types.Address(stash), Unpaid: []uint32{}}
	for _, read := range []func() error{
		func() (err error) { s.Session, err = sdk.Get(ctx, at, session.CurrentIndex); return err },
		func() error { return s.readBond(ctx, at, stash) },
		func() error { return s.readSeat(ctx, at, stash) },
		func() error { return s.readElection(ctx, at, stash) },
		func() error { return s.readRewards(ctx, at, stash) },
	} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *standing) readBond(ctx context.Context, at sdk.At, stash substrate.AccountID) error {
	controller, bonded, err := sdk.Find(ctx, at, staking.Bonded, stash)
	if err != nil {
		return err
	}
	if bonded {
		l, _, err := sdk.Find(ctx, at, staking.Ledgers, controller)
		if err != nil {
			return err
		}
		s.Bonded = l.Active
	}
	prefs, candidate, err := sdk.Find(ctx, at, staking.Validators, stash)
	if s.Candidate = candidate; candidate {
		s.Commission = fmt.Sprintf("%d.%02d %%", prefs.Commission/10_000_000, prefs.Commission/100_000%100)
	}
	return err
}

func (s *standing) readSeat(ctx context.Context, at sdk.At, stash substrate.AccountID) error {
	validators, err := sdk.Get(ctx, at, session.Validators)
	if err != nil {
		return err
	}
	if i := slices.Index(validators, stash); i >= 0 {
		s.Seat = &i
		disabled, err := sdk.Get(ctx, at, session.DisabledValidators)
		if err != nil {
			return err
		}
		s.Disabled = slices.Contains(disabled, uint32(i))
	}
	queued, err := sdk.Get(ctx, at, session.QueuedKeys)
	s.Queued = slices.ContainsFunc(queued, func(v session.ValidatorKeys) bool { return v.Validator == stash })
	return err
}

func (s *standing) readElection(ctx context.Context, at sdk.At, stash substrate.AccountID) error {
	seen, ok, err := sdk.Find(ctx, at, r2s.LastSeen, stash)
	if err != nil {
		return err
	}
	if ok {
		s.LastSeen = &seen
	}
	e, err := sdk.Get(ctx, at, r2s.LastElection)
	if err != nil {
		return err
	}
	s.Seats = e.Seats
	if i := slices.IndexFunc(e.Scores, func(c r2s.CandidateScore) bool { return c.Candidate == stash }); i >= 0 {
		s.Score, s.Rank = &e.Scores[i], i+1
	}
	return nil
}

func (s *standing) readRewards(ctx context.Context, at sdk.At, stash substrate.AccountID) error {
	active, err := sdk.Get(ctx, at, staking.ActiveEra)
	if err != nil {
		return err
	}
	s.Era = active.Index
	points, _, err := sdk.Find(ctx, at, staking.ErasRewardPoints, s.Era)
	if err != nil {
		return err
	}
	s.Points, _ = points.Individual.Get(stash)
	s.AllPoints = points.Total
	s.Unpaid, s.Due, err = unpaidEras(ctx, at, stash, s.Era)
	return err
}

// unpaidEras lists the eras before active that can be claimed for a validator, and
// sums up what they bring.
func unpaidEras(ctx context.Context, at sdk.At, stash substrate.AccountID, active uint32) ([]uint32, types.Balance, error) {
	depth, err := sdk.Constant(ctx, at, staking.HistoryDepth)
	if err != nil {
		return nil, types.Balance{}, err
	}
	eras, due := []uint32{}, types.Balance{}
	for era := active - min(depth, active); era < active; era++ {
		overview, served, err := sdk.FindPair(ctx, at, staking.ErasStakersOverview, era, stash)
		if err != nil {
			return nil, due, err
		}
		points, _, err := sdk.Find(ctx, at, staking.ErasRewardPoints, era)
		if err != nil {
			return nil, due, err
		}
		own, _ := points.Individual.Get(stash)
		if !served || own == 0 {
			continue
		}
		claimed, _, err := sdk.FindPair(ctx, at, staking.ClaimedRewards, era, stash)
		if err != nil {
			return nil, due, err
		}
		reward, _, err := sdk.Find(ctx, at, staking.ErasValidatorReward, era)
		if err != nil {
			return nil, due, err
		}
		pages := max(overview.PageCount, 1)
		if uint32(len(claimed)) >= pages || reward.IsZero() {
			continue
		}
		eras = append(eras, era)
		part, _ := scale.MulDiv(reward, scale.U128From64(uint64(own)), scale.U128From64(uint64(points.Total)))
		// What is left of it when some pages are paid is not known to the planck.
		part, _ = scale.MulDiv(part, scale.U128From64(uint64(pages)-uint64(len(claimed))), scale.U128From64(uint64(pages)))
		due = due.SaturatingAdd(part)
	}
	return eras, due, nil
}

func (s *standing) print(w io.Writer) {
	fmt.Fprintf(w, "Stash\t%v\nBonded\t%s\n", s.Stash, tokens(s.Bonded))
	switch {
	case s.Candidate:
		fmt.Fprintf(w, "Candidate\tyes, with a commission of %s\n", s.Commission)
	default:
		fmt.Fprintf(w, "Candidate\tno\n")
	}
	seat := "none in this session"
	if s.Seat != nil {
		seat = fmt.Sprintf("%d in this session", *s.Seat)
	}
	if s.Disabled {
		seat += ", disabled"
	}
	fmt.Fprintf(w, "Seat\t%s, %s in the next\nSession\t%d, era %d\nPoints\t%d of %d in this era\n",
		seat, map[bool]string{true: "one", false: "none"}[s.Queued], s.Session, s.Era, s.Points, s.AllPoints)
	if s.LastSeen != nil {
		fmt.Fprintf(w, "Seen alive\tin session %d\n", *s.LastSeen)
	} else {
		fmt.Fprintf(w, "Seen alive\tnever with these keys\n")
	}
	if s.Score != nil {
		fmt.Fprintf(w, "Last election\trank %d for %d seats: %d points (credit %d, stake %d, chance %d)\n",
			s.Rank, s.Seats, s.Score.Total, s.Score.Credit, s.Score.Stake, s.Score.Chance)
	}
	if len(s.Unpaid) > 0 {
		fmt.Fprintf(w, "Rewards due\t%s with its nominators, for %d eras (`cess validator payout`)\n", tokens(s.Due), len(s.Unpaid))
	}
	if n := s.Node; n != nil {
		fmt.Fprintf(w, "Node\tat block %d, %d peers; %d votes made, %d missed since it started\n", n.Height, n.Peers, n.Signed, n.Missed)
	}
}

func validatorPayout() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "payout",
		Short: "Have the rewards of past eras paid, to the validator and its nominators",
		Long: `Claims the rewards of eras that nobody has claimed yet. Anybody may do this for
any validator; an era that is not claimed in time (constant
Staking.HistoryDepth) is lost.`,
		Example: `  cess validator payout --from @stash.key
  cess validator payout --of //Alice//stash --from //Bob`,
		Args: cobra.NoArgs,
	}
	of := cmd.Flags().String("of", "", "the validator's stash (default the signing account)")
	return validatorCalls(cmd, func(ctx context.Context, c *sdk.Client, stash substrate.AccountID, _ []string) ([]runtime.Call, error) {
		if *of != "" {
			id, err := parseAccount(*of)
			if err != nil {
				return nil, err
			}
			stash = id
		}
		active, err := sdk.Get(ctx, c.Best(), staking.ActiveEra)
		if err != nil {
			return nil, err
		}
		eras, _, err := unpaidEras(ctx, c.Best(), stash, active.Index)
		if err != nil {
			return nil, err
		}
		if len(eras) == 0 {
			return nil, fmt.Errorf("no rewards of %v are due", types.Address(stash))
		}
		var calls []runtime.Call
		for _, era := range eras {
			calls = append(calls, staking.PayoutStakers{ValidatorStash: stash, Era: era})
		}
		return calls, nil
	})
}
