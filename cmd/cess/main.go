// Command cess is every node of a CESS network and the tools around it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/internal/daemon"
	"github.com/gocess/gocess/internal/version"
)

func main() {
	ctx, stop := daemon.Signals(context.Background())
	defer stop()
	if err := root().ExecuteContext(ctx); err != nil {
		if !errors.Is(err, errReported) {
			fmt.Fprintln(os.Stderr, "cess:", err)
		}
		os.Exit(1)
	}
}

// errReported ends the process with a failure that was already shown.
var errReported = errors.New("failed")

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cess",
		Short: "A CESS storage network: nodes, miners, gateways and tools",
		Long: `cess runs any node of a CESS network and is its command line.

Start with a whole network on this machine:
  cess devnet

and use it from another terminal:
  cess territory mint photos --gib 1 --from //Alice
  cess gateway authorize --from //Alice
  cess file put holiday.jpg --territory photos --from //Alice`,
		Version:       version.Text(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.PersistentFlags().String("node", envOr("CESS_NODE", defaultNode), "chain node to ask: WebSocket addresses, comma separated (CESS_NODE)")
	cmd.PersistentFlags().Bool("json", false, "print results as JSON")
	cmd.AddGroup(
		&cobra.Group{ID: "use", Title: "Use a network:"},
		&cobra.Group{ID: "run", Title: "Run a network:"},
		&cobra.Group{ID: "dev", Title: "Inspect and measure:"},
	)
	cmd.AddCommand(
		keyCommand(), queryCommand(), txCommand(), territoryCommand(), fileCommand(),
		devnetCommand(), nodeCommand(), validatorCommand(), minerCommand(), minersCommand(), teeCommand(), gatewayCommand(), chainCommand(), stateCommand(),
		metadataCommand(), benchCommand(), auditCommand(),
	)
	return cmd
}

const defaultNode = "ws://127.0.0.1:9944"

func envOr(name, fallback string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return fallback
}
