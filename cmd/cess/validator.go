package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/validator"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

func validatorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "validator", Short: "Set up, run and examine a validator", GroupID: "run",
		Long: `A validator is a bond of tokens, the stash, and a node that has the session keys
which the stash registered. "cess validator join" does all that the chain asks
for; "cess node" runs the node; "cess validator doctor" says why it does not
sign. --node names the validator's own node: what concerns its keys is answered
on its machine only.`,
	}
	cmd.AddCommand(
		validatorInit(), validatorJoin(), validatorKeys(), validatorStatus(), validatorDoctor(),
		validatorBond(), validatorUnbond(), validatorWithdraw(), validatorValidate(), validatorNominate(),
		validatorChill(), validatorPayout(), validatorExit(),
	)
	return cmd
}

// plan decides which calls to sign, by what the chain knows.
type plan func(ctx context.Context, c *sdk.Client, stash substrate.AccountID, args []string) ([]runtime.Call, error)

// validatorCalls is a command that signs calls with the stash and sends them one
// after the other.
func validatorCalls(cmd *cobra.Command, decide plan) *cobra.Command {
	from := fromFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		key, err := from()
		if err != nil {
			return err
		}
		r, err := dialRemote(cmd)
		if err != nil {
			return err
		}
		defer r.Close()
		list, err := decide(cmd.Context(), r.Client, key.AccountID(), args)
		if err != nil {
			return err
		}
		for _, call := range list {
			t := transaction{remote: r, call: runtime.RuntimeCall{Call: call}, from: key, wait: waitInBlock}
			if err := t.run(cmd); err != nil {
				return err
			}
		}
		return nil
	}
	return cmd
}

// bondOf is the ledger of a stash, which controls itself unless an older program
// bonded it.
func bondOf(ctx context.Context, c *sdk.Client, stash substrate.AccountID) (l staking.Ledger, bonded bool, err error) {
	controller, bonded, err := sdk.Find(ctx, c.Best(), staking.Bonded, stash)
	if err != nil || !bonded {
		return l, false, err
	}
	return sdk.Find(ctx, c.Best(), staking.Ledgers, controller)
}

func notBonded(stash substrate.AccountID) error {
	return fmt.Errorf("%v has no bond\n(bond tokens with `cess validator bond <amount>`)", types.Address(stash))
}

// bondCall bonds, or adds to a bond.
func bondCall(ctx context.Context, c *sdk.Client, stash substrate.AccountID, amount scale.U128, payee staking.RewardDestination) (runtime.Call, error) {
	_, bonded, err := bondOf(ctx, c, stash)
	switch {
	case err != nil:
		return nil, err
	case bonded:
		return staking.BondExtra{MaxAdditional: amount}, nil
	}
	return staking.Bond{Value: amount, Payee: payee}, nil
}

func parsePayee(text string) (staking.RewardDestination, error) {
	switch text {
	case "staked":
		return staking.PayStaked{}, nil
	case "stash":
		return staking.PayStash{}, nil
	case "none":
		return staking.PayNone{}, nil
	}
	id, err := parseAccount(text)
	if err != nil {
		return nil, fmt.Errorf("--payee: staked, stash, none or an account is needed: %w", err)
	}
	return staking.PayAccount{Account: id}, nil
}

const payeeHelp = "where rewards go: staked (added to the bond), stash, none or an account"

func validatorBond() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bond <amount>",
		Short: "Lock tokens as a stake, or add to it",
		Long: `Locks an amount, in planck or TCESS, of the signing account. What is bonded can be
slashed when the validator misbehaves, and is free again only some time after
it is unbonded (constant Staking.BondingDuration, in eras).`,
		Example: `  cess validator bond 3000000TCESS --from @stash.key
  cess validator bond 100TCESS --from //Bob --payee stash`,
		Args: cobra.ExactArgs(1),
	}
	payee := cmd.Flags().String("payee", "staked", payeeHelp)
	return validatorCalls(cmd, func(ctx context.Context, c *sdk.Client, stash substrate.AccountID, args []string) ([]runtime.Call, error) {
		amount, err := parseAmount(args[0])
		if err != nil {
			return nil, err
		}
		to, err := parsePayee(*payee)
		if err != nil {
			return nil, err
		}
		call, err := bondCall(ctx, c, stash, amount, to)
		return []runtime.Call{call}, err
	})
}

func validatorUnbond() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "unbond <amount|all>",
		Short: "Take tokens out of the stake",
		Long: `Starts to unlock an amount of the bond; "cess validator withdraw" frees it when
the bonding duration is over. A validator or nominator that takes all of it has
to chill first.`,
		Example: `  cess validator unbond 100TCESS --from @stash.key
  cess validator unbond all --from @stash.key`,
		Args: cobra.ExactArgs(1),
	}
	return validatorCalls(cmd, func(ctx context.Context, c *sdk.Client, stash substrate.AccountID, args []string) ([]runtime.Call, error) {
		l, bonded, err := bondOf(ctx, c, stash)
		if err != nil {
			return nil, err
		}
		if !bonded {
			return nil, notBonded(stash)
		}
		if args[0] == "all" {
			return []runtime.Call{staking.Unbond{Value: l.Active}}, nil
		}
		amount, err := parseAmount(args[0])
		return []runtime.Call{staking.Unbond{Value: amount}}, err
	})
}

func validatorWithdraw() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "withdraw",
		Short:   "Free what was unbonded long enough ago",
		Example: `  cess validator withdraw --from @stash.key`,
		Args:    cobra.NoArgs,
	}
	return validatorCalls(cmd, func(ctx context.Context, c *sdk.Client, stash substrate.AccountID, _ []string) ([]runtime.Call, error) {
		spans, found, err := sdk.Find(ctx, c.Best(), staking.SlashingSpans, stash)
		count := uint32(0)
		if found {
			count = uint32(len(spans.Prior)) + 1
		}
		return []runtime.Call{staking.WithdrawUnbonded{NumSlashingSpans: count}}, err
	})
}

// parseCommission reads a percentage such as 5, 2.5 or 10%.
func parseCommission(text string) (substrate.Perbill, error) {
	f, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(text), "%"), 64)
	if err != nil || !(f >= 0 && f <= 100) {
		return 0, fmt.Errorf("--commission %s: a percentage from 0 to 100 is needed", text)
	}
	return substrate.Perbill(f*10_000_000 + 0.5), nil
}

const commissionHelp = "percentage of rewards that the validator keeps before they are shared with nominators"

func validatorValidate() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Become a candidate, or change what is asked of nominators",
		Long: `Announces that the bonded account wants a seat. It needs session keys as well
("cess validator keys set") and a node that runs; "cess validator join" does all
of it.`,
		Example: `  cess validator validate --commission 5 --from @stash.key
  cess validator validate --commission 2.5 --blocked --from //Bob`,
		Args: cobra.NoArgs,
	}
	commission := cmd.Flags().String("commission", "0", commissionHelp)
	blocked := cmd.Flags().Bool("blocked", false, "take no new nominators")
	return validatorCalls(cmd, func(context.Context, *sdk.Client, substrate.AccountID, []string) ([]runtime.Call, error) {
		part, err := parseCommission(*commission)
		return []runtime.Call{staking.Validate{Prefs: staking.ValidatorPrefs{Commission: part, Blocked: *blocked}}}, err
	})
}

func validatorNominate() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "nominate <validator…>",
		Short: "Stand behind validators with the bond",
		Long: `Puts the bond of the signing account behind up to 16 candidates. It shares their
rewards and their slashes.`,
		Example: `  cess validator nominate //Alice//stash //Bob//stash --from //Charlie
  cess validator nominate cXjmuHdBk4J3Zyt2oGodwGegNFaTFPcfC48PZ9NMmcUFzF6cc --from @key.txt`,
		Args: cobra.MinimumNArgs(1),
	}
	return validatorCalls(cmd, func(_ context.Context, _ *sdk.Client, _ substrate.AccountID, args []string) ([]runtime.Call, error) {
		var call staking.Nominate
		for _, text := range args {
			id, err := parseAccount(text)
			if err != nil {
				return nil, err
			}
			call.Targets = append(call.Targets, substrate.AddressOf(id))
		}
		return []runtime.Call{call}, nil
	})
}

func validatorChill() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "chill",
		Short: "Stop being a candidate or a nominator",
		Long: `Takes the account out of the next elections; the bond stays. A validator that has a
seat keeps it until its era ends: let its node run until then.`,
		Example: `  cess validator chill --from @stash.key`,
		Args:    cobra.NoArgs,
	}
	return validatorCalls(cmd, func(context.Context, *sdk.Client, substrate.AccountID, []string) ([]runtime.Call, error) {
		return []runtime.Call{staking.Chill{}}, nil
	})
}

func validatorExit() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "exit",
		Short: "Leave: chill, unbond everything and give the session keys up",
		Long: `Does what is needed to leave for good, one call after the other: chill, unbond all
of the bond, purge the session keys. Calls that have been made before are left
out. Keep the node running until the era after the next election has begun: a
validator that is silent while it has a seat is punished. "cess validator
withdraw" frees the tokens when the bonding duration is over.`,
		Example: `  cess validator exit --from @stash.key`,
		Args:    cobra.NoArgs,
	}
	return validatorCalls(cmd, func(ctx context.Context, c *sdk.Client, stash substrate.AccountID, _ []string) ([]runtime.Call, error) {
		l, bonded, err := bondOf(ctx, c, stash)
		if err != nil {
			return nil, err
		}
		if !bonded {
			return nil, notBonded(stash)
		}
		var calls []runtime.Call
		if _, wants, err := sdk.Find(ctx, c.Best(), staking.Validators, stash); err != nil {
			return nil, err
		} else if wants {
			calls = append(calls, staking.Chill{})
		}
		if !l.Active.IsZero() {
			calls = append(calls, staking.Unbond{Value: l.Active})
		}
		if _, has, err := sdk.Find(ctx, c.Best(), session.NextKeys, stash); err != nil {
			return nil, err
		} else if has {
			calls = append(calls, session.PurgeKeys{})
		}
		if len(calls) == 0 {
			return nil, errors.New("it has left already\n(`cess validator withdraw` frees the tokens when the bonding duration is over)")
		}
		return calls, nil
	})
}

// askNode asks --node, which must be on this machine, what it does.
func askNode(ctx context.Context, c *sdk.Client) (*validator.Status, error) {
	s := new(validator.Status)
	if err := c.RPC().Call(ctx, s, validator.StatusMethod); err != nil {
		return nil, fmt.Errorf("%w\n(only the validator's own node, asked on its machine, tells about its keys: name it with --node)", err)
	}
	return s, nil
}
