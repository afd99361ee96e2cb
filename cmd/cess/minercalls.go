package main

import (
	"fmt"
	"math"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// minerCalls is a command that signs calls about a miner and sends them one
// after the other.
func minerCalls(cmd *cobra.Command, calls func(cmd *cobra.Command, args []string, from crypto.Pair) ([]runtime.Call, error)) *cobra.Command {
	from := fromFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		key, err := from()
		if err != nil {
			return err
		}
		list, err := calls(cmd, args, key)
		if err != nil {
			return err
		}
		r, err := dialRemote(cmd)
		if err != nil {
			return err
		}
		defer r.Close()
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

// ofFlag is the flag that names a miner; the signer by default.
func ofFlag(cmd *cobra.Command) func(from crypto.Pair) (substrate.AccountID, error) {
	of := cmd.Flags().String("of", "", "the miner's account, if it is not the signing one")
	return func(from crypto.Pair) (substrate.AccountID, error) {
		if *of == "" {
			return from.AccountID(), nil
		}
		id, err := parseAccount(*of)
		return id, err
	}
}

func minerClaim() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "claim",
		Short:   "Claim a miner's rewards",
		Long:    `Has the chain pay what is due of the miner's rewards to its beneficiary. A running miner does this by itself once a day.`,
		Example: `  cess miner claim --from @miner.key`,
		Args:    cobra.NoArgs,
	}
	return minerCalls(cmd, func(*cobra.Command, []string, crypto.Pair) ([]runtime.Call, error) {
		return []runtime.Call{sminer.ReceiveReward{}}, nil
	})
}

func minerStake() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "stake <amount>",
		Short: "Add to a miner's collateral, paying its debt first",
		Long:  `Adds to the collateral of a miner, in planck or TCESS; 4,000 TCESS are needed for each TiB. The miner's staking account signs.`,
		Example: `  cess miner stake 4000TCESS --from @miner.key
  cess miner stake 4000TCESS --of cXjmuHdBk4J3Zyt2oGodwGegNFaTFPcfC48PZ9NMmcUFzF6cc --from //Alice`,
		Args: cobra.ExactArgs(1),
	}
	of := ofFlag(cmd)
	return minerCalls(cmd, func(_ *cobra.Command, args []string, from crypto.Pair) ([]runtime.Call, error) {
		amount, err := parseAmount(args[0])
		if err != nil {
			return nil, err
		}
		miner, err := of(from)
		return []runtime.Call{sminer.IncreaseCollateral{Miner: miner, Collateral: amount}}, err
	})
}

func minerUpdate() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "update",
		Short: "Change what the chain knows of a miner: endpoint, beneficiary, declared space",
		Example: `  cess miner update --endpoint http://203.0.113.7:15001 --from @miner.key
  cess miner update --beneficiary //Bob --from //Miner1
  cess miner update --add-tib 2 --from @miner.key      # stake 8,000 TCESS more first`,
		Args: cobra.NoArgs,
	}
	f := cmd.Flags()
	endpoint := f.String("endpoint", "", "address that gateways reach the miner at")
	beneficiary := f.String("beneficiary", "", "account that receives rewards")
	add := f.Uint("add-tib", 0, "space to declare in addition, in TiB")
	remove := f.Uint("remove-tib", 0, "declared space to take back, in TiB")
	return minerCalls(cmd, func(*cobra.Command, []string, crypto.Pair) (calls []runtime.Call, err error) {
		if *endpoint != "" {
			if len(*endpoint) > (types.EndpointBound{}).Max() {
				return nil, fmt.Errorf("--endpoint has %d characters, at most %d fit on chain", len(*endpoint), (types.EndpointBound{}).Max())
			}
			calls = append(calls, sminer.UpdateEndpoint{Endpoint: types.Endpoint(*endpoint)})
		}
		account, err := optionalAccount("--beneficiary", *beneficiary)
		if err != nil {
			return nil, err
		}
		if account != nil {
			calls = append(calls, sminer.UpdateBeneficiary{Beneficiary: *account})
		}
		if *add > math.MaxUint32 || *remove > math.MaxUint32 {
			return nil, fmt.Errorf("at most %d TiB are possible", uint32(math.MaxUint32))
		}
		if *add > 0 {
			calls = append(calls, sminer.IncreaseDeclarationSpace{TiBCount: uint32(*add)})
		}
		if *remove > 0 {
			calls = append(calls, sminer.DecreaseDeclarationSpace{TiBCount: uint32(*remove)})
		}
		if len(calls) == 0 {
			return nil, fmt.Errorf("nothing is to change: --endpoint, --beneficiary, --add-tib or --remove-tib is needed")
		}
		return calls, nil
	})
}

func minerExit() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "exit",
		Short: "Leave the network",
		Long: `Announces that the miner leaves. Keep it running: until the chain has let it go,
it must answer challenges, and until others have restored its fragments, it must
serve them. Then take the collateral back with ` + "`cess miner withdraw`.",
		Example: `  cess miner exit --from @miner.key`,
		Args:    cobra.NoArgs,
	}
	of := ofFlag(cmd)
	return minerCalls(cmd, func(_ *cobra.Command, _ []string, from crypto.Pair) ([]runtime.Call, error) {
		miner, err := of(from)
		return []runtime.Call{sminer.MinerExitPrep{Miner: miner}}, err
	})
}

func minerWithdraw() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "withdraw",
		Short:   "Take the collateral of a miner that left",
		Long:    `Gives the collateral back to who staked it, once all fragments of the miner are restored or the time for that is over.`,
		Example: `  cess miner withdraw --from @miner.key`,
		Args:    cobra.NoArgs,
	}
	return minerCalls(cmd, func(*cobra.Command, []string, crypto.Pair) ([]runtime.Call, error) {
		return []runtime.Call{sminer.MinerWithdraw{}}, nil
	})
}
