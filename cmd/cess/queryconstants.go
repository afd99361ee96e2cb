package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/primitives/metadata"
)

func queryConstants() *cobra.Command {
	return &cobra.Command{
		Use:   "constants <Pallet[.Name]>",
		Short: "Show a pallet's constants",
		Example: `  cess query constants Balances.ExistentialDeposit
  cess query constants FileBank --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			pallet, name, err := split(args[0])
			if err != nil {
				return err
			}
			r, err := dialRemote(cmd)
			if err != nil {
				return err
			}
			defer r.Close()
			p, err := r.pallet(pallet)
			if err != nil {
				return err
			}
			return showConstants(cmd, r.meta, p, name)
		},
	}
}

func showConstants(cmd *cobra.Command, m *metadata.Metadata, p *metadata.Pallet, name string) error {
	type row struct {
		Name  string `json:"name"`
		Type  string `json:"type"`
		Value any    `json:"value"`
	}
	var rows []row
	for _, c := range p.Constants {
		if name != "" && !strings.EqualFold(c.Name, name) {
			continue
		}
		v, err := m.DecodeValue(c.Type, c.Value, format)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", p.Name, c.Name, err)
		}
		rows = append(rows, row{p.Name + "." + c.Name, m.TypeName(c.Type), present(m, c.Type, v)})
	}
	if len(rows) == 0 {
		return errors.New(missing("constant", p.Name, name, p.Constants, func(c metadata.Constant) string { return c.Name }))
	}
	if name != "" {
		return show(cmd, rows[0], func(w io.Writer) { fmt.Fprintln(w, valueText(rows[0].Value, "  ")) })
	}
	return show(cmd, rows, func(w io.Writer) {
		for _, r := range rows {
			fmt.Fprintf(w, "%s\t%s\t%s\n", r.Name, r.Type, valueText(r.Value, ""))
		}
	})
}
