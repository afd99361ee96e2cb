package main

import "github.com/spf13/cobra"

func minerCommand() *cobra.Command {
	run := minerRun()
	cmd := &cobra.Command{
		Use:   "miner",
		Short: "Run a storage miner and manage it",
		Long: `A storage miner declares space, reserves 4,000 TCESS of collateral for each TiB,
fills the space with idle files, stores fragments of files in their place, and is
paid for what it proves to hold.

Without a command it runs, as with ` + "`cess miner run`.",
		Example: `  cess miner init --home /data/cess --listen 0.0.0.0:15001 --endpoint http://203.0.113.7:15001
  cess miner doctor -c /data/cess/miner.yaml
  cess miner run -c /data/cess/miner.yaml
  cess miner status --of //Miner1`,
		GroupID: "run",
		Args:    cobra.NoArgs,
		RunE:    run.RunE,
	}
	minerFlags(cmd)
	cmd.AddCommand(
		minerInit(), run, minerStatus(), minerDoctor(), minerCheck(),
		minerClaim(), minerStake(), minerUpdate(), minerExit(), minerWithdraw(),
	)
	return cmd
}
