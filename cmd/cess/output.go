package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/gocess/gocess/sdk"
)

// asJSON says whether results are for a program.
func asJSON(cmd *cobra.Command) bool {
	v, _ := cmd.Flags().GetBool("json") // declared on the root
	return v
}

// show prints a result: as JSON if asked, else with text.
func show(cmd *cobra.Command, result any, text func(w io.Writer)) error {
	out := cmd.OutOrStdout()
	if asJSON(cmd) {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(result)
	}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	text(w)
	return w.Flush()
}

// say prints progress for people: on standard error, not with --json.
func say(cmd *cobra.Command, format string, args ...any) {
	if !asJSON(cmd) {
		fmt.Fprintf(cmd.ErrOrStderr(), format+"\n", args...)
	}
}

// onTerminal says whether a person watches standard error.
func onTerminal() bool { return term.IsTerminal(int(os.Stderr.Fd())) }

// dial connects to the node that --node names.
func dial(cmd *cobra.Command) (*sdk.Client, error) {
	url, err := cmd.Flags().GetString("node")
	if err != nil {
		return nil, err
	}
	c, err := sdk.Dial(cmd.Context(), url)
	if err != nil {
		return nil, fmt.Errorf("%w\n(start a network with `cess devnet`, or name a node with --node)", err)
	}
	return c, nil
}
