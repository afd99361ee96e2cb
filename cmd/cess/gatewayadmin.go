package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

const defaultGateway = "http://127.0.0.1:9946"

// gatewayFlag is the flag that names the gateway to speak with.
func gatewayFlag(cmd *cobra.Command) *string {
	return cmd.Flags().String("gateway", envOr("CESS_GATEWAY", defaultGateway), "gateway to use: a URL or host:port (CESS_GATEWAY)")
}

func gatewayAuthorize() *cobra.Command {
	return authorization("authorize [gateway]", "Let a gateway store and delete files for an account",
		`Lets a gateway act for the signing account. Without an address it is the
registered gateway whose domain is that of --gateway, or the only one.`,
		`  cess gateway authorize --from //Alice
  cess gateway authorize cXjmuHdBk4J3Zyt2oGodwGegNFaTFPcfC48PZ9NMmcUFzF6cc --from @key.txt`,
		"authorized", oss.ErrExisted,
		func(g substrate.AccountID) runtime.Call { return oss.Authorize{Operator: g} })
}

func gatewayRevoke() *cobra.Command {
	return authorization("revoke [gateway]", "Take an authorization back",
		"Takes back what `cess gateway authorize` gave.",
		`  cess gateway revoke --from //Alice`,
		"revoked", oss.ErrNoAuthorization,
		func(g substrate.AccountID) runtime.Call { return oss.CancelAuthorize{Oss: g} })
}

// authorization is a command that changes which gateways act for an account.
// done is the error of a call that changes nothing.
func authorization(use, short, long, example, verb string, done error, call func(substrate.AccountID) runtime.Call) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Long: long, Example: example, Args: cobra.MaximumNArgs(1)}
	from := fromFlag(cmd)
	at := gatewayFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		key, err := from()
		if err != nil {
			return err
		}
		c, err := dial(cmd)
		if err != nil {
			return err
		}
		defer c.Close()
		var gateway substrate.AccountID
		if len(args) == 1 {
			gateway, err = parseAccount(args[0])
		} else {
			named := cmd.Flags().Changed("gateway") || os.Getenv("CESS_GATEWAY") != ""
			gateway, err = gatewayAccount(cmd.Context(), c, *at, named)
		}
		if err != nil {
			return err
		}
		result := struct {
			Gateway types.Address `json:"gateway"`
			Account types.Address `json:"account"`
			Status  string        `json:"status"`
		}{types.Address(gateway), types.Address(sdk.Account(key)), verb}
		_, err = c.Submit(cmd.Context(), key, call(gateway))
		switch {
		case errors.Is(err, done):
			result.Status = "unchanged"
		case err != nil:
			return explain(err)
		}
		return show(cmd, result, func(w io.Writer) {
			text := "The gateway is " + verb + ":"
			if result.Status == "unchanged" {
				text = "Nothing changes; it was so before:"
			}
			fmt.Fprintf(w, "%s\nGateway\t%v\nAccount\t%v\n", text, result.Gateway, result.Account)
		})
	}
	return cmd
}

// gatewayAccount finds the account of the gateway at an address: the one that
// published it, or the only gateway there is unless the user named one.
func gatewayAccount(ctx context.Context, c *sdk.Client, address string, named bool) (substrate.AccountID, error) {
	list, err := sdk.List(ctx, c.Best(), oss.Gateways)
	if err != nil {
		return substrate.AccountID{}, err
	}
	host := hostOf(address)
	for _, g := range list {
		if hostOf(string(g.Value.Domain)) == host {
			return g.Key, nil
		}
	}
	switch {
	case len(list) == 0:
		return substrate.AccountID{}, errors.New("no gateway is registered on this chain yet (run one with `cess gateway`)")
	case len(list) == 1 && !named:
		return list[0].Key, nil
	}
	return substrate.AccountID{}, fmt.Errorf("none of the %d registered gateways has the domain %s: give its address (see `cess gateway list`)", len(list), host)
}

// hostOf is host:port of a URL, or of what looks like one.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		if u, err = url.Parse("http://" + address); err != nil {
			return address
		}
	}
	if u.Port() == "" && u.Scheme == "https" {
		return net.JoinHostPort(u.Hostname(), "443")
	}
	if u.Port() == "" {
		return net.JoinHostPort(u.Hostname(), "80")
	}
	return u.Host
}

func gatewayList() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Show the registered gateways",
		Example: `  cess gateway list
  cess gateway list --of //Alice      # only those that may act for her`,
		Args: cobra.NoArgs,
	}
	of := cmd.Flags().String("of", "", "account: show which gateways may act for it")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := dial(cmd)
		if err != nil {
			return err
		}
		defer c.Close()
		type row struct {
			Gateway    types.Address `json:"gateway"`
			Domain     string        `json:"domain"`
			Registered bool          `json:"registered"`
		}
		list, err := sdk.List(cmd.Context(), c.Best(), oss.Gateways)
		if err != nil {
			return err
		}
		rows := []row{}
		for _, g := range list {
			rows = append(rows, row{types.Address(g.Key), nameText(g.Value.Domain), true})
		}
		if *of != "" {
			account, err := parseAccount(*of)
			if err != nil {
				return err
			}
			allowed, _, err := sdk.Find(cmd.Context(), c.Best(), oss.Authorities, account)
			if err != nil {
				return err
			}
			all := rows
			rows = []row{}
			for _, g := range allowed {
				// An operator need not be a gateway.
				line := row{Gateway: types.Address(g)}
				if i := slices.IndexFunc(all, func(r row) bool { return r.Gateway == line.Gateway }); i >= 0 {
					line = all[i]
				}
				rows = append(rows, line)
			}
		}
		return show(cmd, rows, func(w io.Writer) {
			fmt.Fprintln(w, "GATEWAY\tDOMAIN")
			for _, r := range rows {
				domain := r.Domain
				if !r.Registered {
					domain = "(not registered)"
				}
				fmt.Fprintf(w, "%v\t%s\n", r.Gateway, domain)
			}
		})
	}
	return cmd
}
