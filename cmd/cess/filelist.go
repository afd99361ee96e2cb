package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/sdk/gateway"
)

func fileList() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ls",
		Short: "List an account's files",
		Long:  "Lists the files that an account has in its territories. Those that miners are\nstill storing are not among them.",
		Example: `  cess file ls --of //Alice
  CESS_FROM=//Alice cess file ls --json`,
		Args: cobra.NoArgs,
	}
	of := cmd.Flags().String("of", "", "account: an address, 0x-hex or //Alice (default that of CESS_FROM)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		account, err := accountOrOwn(*of)
		if err != nil {
			return err
		}
		c, err := dial(cmd)
		if err != nil {
			return err
		}
		defer c.Close()
		held, _, err := sdk.Find(cmd.Context(), c.Best(), filebank.UserFiles, account)
		if err != nil {
			return err
		}
		fids := make([]types.Hash, len(held))
		for i, f := range held {
			fids[i] = f.FileHash
		}
		files, err := sdk.FindMany(cmd.Context(), c.Best(), filebank.Files, fids)
		if err != nil {
			return err
		}
		rows := listRows(account, held, files)
		return show(cmd, rows, func(w io.Writer) {
			fmt.Fprintln(w, "FID\tSIZE\tSTATE\tTERRITORY\tNAME")
			for _, r := range rows {
				fmt.Fprintf(w, "%v\t%v\t%s\t%s\t%s\n", r.FID, r.Size, r.State, r.Territory, r.Name)
			}
		})
	}
	return cmd
}

type listRow struct {
	FID       types.Hash `json:"fid"`
	Name      string     `json:"name"`
	Size      size       `json:"size"`
	Footprint size       `json:"footprint"` // bytes of the territory
	State     string     `json:"state"`
	Territory string     `json:"territory"`
}

func listRows(account substrate.AccountID, held []filebank.UserFile, files map[types.Hash]filebank.File) []listRow {
	rows := []listRow{}
	for _, h := range held {
		r := listRow{FID: h.FileHash, Footprint: size{h.FileSize}, Territory: nameText(h.TerritoryName)}
		if f, ok := files[h.FileHash]; ok {
			r.Size, r.State = size{f.FileSize}, variantName(f.State)
			for _, o := range f.Owner {
				if o.User == account && slices.Equal(o.TerritoryName, h.TerritoryName) {
					r.Name = nameText(o.FileName)
				}
			}
		}
		rows = append(rows, r)
	}
	return rows
}

// accountOrOwn reads an account, or takes the one that CESS_FROM signs for.
func accountOrOwn(text string) (substrate.AccountID, error) {
	if text != "" {
		return parseAccount(text)
	}
	from := os.Getenv("CESS_FROM")
	if from == "" {
		return substrate.AccountID{}, errors.New("whose? Name an account with --of, such as --of //Alice")
	}
	pair, err := signer(crypto.Sr25519, from)
	if err != nil {
		return substrate.AccountID{}, err
	}
	return pair.AccountID(), nil
}

func fileRemove() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rm <fid>",
		Short: "Give a file up",
		Long: `Gives up all copies that the signing account has of a file. Miners delete it
when it was the last owner's. The transaction goes straight to the chain, or,
with --gateway, the gateway sends it and pays for it.`,
		Example: `  cess file rm 83ee47245398adee79bd9c0a8bc57b821e92aba10f5f9ade8a5d1fae4d8c4302 --from //Alice`,
		Args:    cobra.ExactArgs(1),
	}
	from, at := fromFlag(cmd), gatewayFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		fid, err := parseFID(args[0])
		if err != nil {
			return err
		}
		key, err := from()
		if err != nil {
			return err
		}
		var block string
		if cmd.Flags().Changed("gateway") {
			block, err = removeThrough(cmd, *at, key, fid)
		} else {
			block, err = removeFile(cmd, key, fid)
		}
		if err != nil {
			return err
		}
		result := map[string]string{"fid": fid.String(), "block": block}
		return show(cmd, result, func(w io.Writer) { fmt.Fprintf(w, "Removed\t%v\nBlock\t%s\n", fid, block) })
	}
	return cmd
}

func removeThrough(cmd *cobra.Command, address string, key crypto.Pair, fid types.Hash) (string, error) {
	client, err := gateway.New(address, key)
	if err != nil {
		return "", err
	}
	defer client.Close()
	block, err := client.Delete(cmd.Context(), fid)
	return block, explainGateway(err)
}

func removeFile(cmd *cobra.Command, key crypto.Pair, fid types.Hash) (string, error) {
	c, err := dial(cmd)
	if err != nil {
		return "", err
	}
	defer c.Close()
	receipt, err := c.Submit(cmd.Context(), key, filebank.DeleteFile{Owner: sdk.Account(key), FileHash: fid})
	if err != nil {
		return "", explain(err)
	}
	return receipt.Block.String(), nil
}
