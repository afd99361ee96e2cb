package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/metadata"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

func territoryCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "territory", Short: "Lease space for files", GroupID: "use"}
	cmd.AddCommand(territoryMint(), territoryList())
	return cmd
}

func territoryMint() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "mint <name>",
		Short: "Lease space as a new territory",
		Long: `Leases space as a new territory, at the chain's price per GiB and day, for at
least 30 days. A file takes three times its size, in steps of 96 MiB.`,
		Example: `  cess territory mint photos --gib 1 --from //Alice
  cess territory mint archive --gib 100 --days 365 --from @key.txt`,
		Args: cobra.ExactArgs(1),
	}
	from := fromFlag(cmd)
	gib := cmd.Flags().Uint32("gib", 0, "size in GiB (required)")
	days := cmd.Flags().Uint32("days", 30, "length of the lease in days")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *gib == 0 {
			return fmt.Errorf("how much space? Add --gib, as in `cess territory mint %s --gib 1`", args[0])
		}
		if len(args[0]) > types.MaxTerritoryName {
			return fmt.Errorf("the name has %d bytes; %d are the most", len(args[0]), types.MaxTerritoryName)
		}
		key, err := from()
		if err != nil {
			return err
		}
		c, err := dial(cmd)
		if err != nil {
			return err
		}
		defer c.Close()
		minted, err := mintTerritory(cmd.Context(), c, key, args[0], *gib, *days)
		if err != nil {
			return explain(err)
		}
		t, found, err := sdk.FindPair(cmd.Context(), c.Best(), storagehandler.Territories, sdk.Account(key), types.TerritoryName(args[0]))
		if err != nil || !found {
			return fmt.Errorf("territory %s was minted but cannot be read: %w", args[0], err)
		}
		row := describeTerritory(sdk.Account(key), types.TerritoryName(args[0]), t)
		return show(cmd, row, func(w io.Writer) {
			fmt.Fprintf(w, "Territory\t%s\nOwner\t%v\nSpace\t%s\nPaid\t%s\nUntil block\t%d\nToken\t%v\n",
				row.Name, row.Owner, row.Total, tokens(minted.Spend), row.Deadline, row.Token)
		})
	}
	return cmd
}

func mintTerritory(ctx context.Context, c *sdk.Client, key sdk.Signer, name string, gib, days uint32) (storagehandler.MintTerritoryEvent, error) {
	receipt, err := c.Submit(ctx, key, storagehandler.MintTerritory{
		GiBCount: gib, TerritoryName: types.TerritoryName(name), Days: days,
	})
	switch {
	case errors.Is(err, storagehandler.ErrPurchasedSpace):
		return storagehandler.MintTerritoryEvent{}, fmt.Errorf("%w: the account has a territory %q already", err, name)
	case errors.Is(err, storagehandler.ErrInsufficientBalance):
		return storagehandler.MintTerritoryEvent{}, fmt.Errorf("%w\n(a GiB costs %s a day)", err, unitPrice(ctx, c))
	case errors.Is(err, storagehandler.ErrBoundariesNotMet):
		return storagehandler.MintTerritoryEvent{}, fmt.Errorf("%w: a first lease takes at least 30 days", err)
	case err != nil:
		return storagehandler.MintTerritoryEvent{}, err
	}
	minted, ok := sdk.EventOf[storagehandler.MintTerritoryEvent](receipt)
	if !ok {
		return minted, fmt.Errorf("block %d reports no new territory", receipt.Number)
	}
	return minted, nil
}

// unitPrice is the price of one GiB for one day, as text.
func unitPrice(ctx context.Context, c *sdk.Client) string {
	price, err := sdk.Get(ctx, c.Best(), storagehandler.UnitPrice)
	if err != nil {
		return "StorageHandler.UnitPrice"
	}
	return tokens(price)
}

// size is a number of bytes: a number in JSON, with a unit for people.
type size struct{ scale.U128 }

func (s size) String() string {
	if n, ok := s.Uint64(); ok {
		return bytesText(n)
	}
	return s.U128.String() + " B"
}

// territoryRow is a territory as it is shown.
type territoryRow struct {
	Owner     types.Address          `json:"owner"`
	Name      string                 `json:"name"`
	State     string                 `json:"state"`
	Total     size                   `json:"totalSpace"`
	Used      size                   `json:"usedSpace"`
	Locked    size                   `json:"lockedSpace"`
	Remaining size                   `json:"remainingSpace"`
	Start     uint32                 `json:"start"`
	Deadline  uint32                 `json:"deadline"`
	Token     storagehandler.TokenID `json:"token"`
}

func describeTerritory(owner substrate.AccountID, name types.TerritoryName, t storagehandler.Territory) territoryRow {
	return territoryRow{
		Owner: types.Address(owner), Name: nameText(name), State: variantName(t.State),
		Total: size{t.TotalSpace}, Used: size{t.UsedSpace}, Locked: size{t.LockedSpace}, Remaining: size{t.RemainingSpace},
		Start: t.Start, Deadline: t.Deadline, Token: t.Token,
	}
}

// nameText shows a name that a user chose: as text, or as hex where it is none.
func nameText[T ~[]byte](name T) string {
	return presentBytes(metadata.Sequence{}, fmt.Sprintf("0x%x", []byte(name)))
}

// variantName is the name of a state as the chain's types declare it.
func variantName(v interface{ ScaleType() scale.TypeInfo }) string {
	index := fmt.Sprintf("%d", v)
	for _, variant := range v.ScaleType().Variants {
		if fmt.Sprint(variant.Index) == index {
			return variant.Name
		}
	}
	return index
}

func territoryList() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Show territories: one account's, or all",
		Example: `  cess territory list
  cess territory list --of //Alice --json`,
		Args: cobra.NoArgs,
	}
	of := cmd.Flags().String("of", "", "owner: an address, 0x-hex or //Alice (default all owners)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := dial(cmd)
		if err != nil {
			return err
		}
		defer c.Close()
		owners, err := territoryOwners(cmd.Context(), c, *of)
		if err != nil {
			return err
		}
		rows := []territoryRow{}
		for _, owner := range owners {
			list, err := sdk.ListPrefix(cmd.Context(), c.Best(), storagehandler.Territories, owner)
			if err != nil {
				return err
			}
			for _, e := range list {
				rows = append(rows, describeTerritory(owner, e.Key, e.Value))
			}
		}
		return show(cmd, rows, func(w io.Writer) {
			fmt.Fprintln(w, "NAME\tSTATE\tTOTAL\tUSED\tLOCKED\tFREE\tUNTIL BLOCK\tOWNER")
			for _, r := range rows {
				fmt.Fprintf(w, "%s\t%s\t%v\t%v\t%v\t%v\t%d\t%v\n", r.Name, r.State, r.Total, r.Used, r.Locked, r.Remaining, r.Deadline, r.Owner)
			}
		})
	}
	return cmd
}

func territoryOwners(ctx context.Context, c *sdk.Client, of string) ([]substrate.AccountID, error) {
	if of != "" {
		account, err := parseAccount(of)
		return []substrate.AccountID{account}, err
	}
	tokens, err := sdk.List(ctx, c.Best(), storagehandler.TerritoryKeys)
	if err != nil {
		return nil, err
	}
	var owners []substrate.AccountID
	seen := make(map[substrate.AccountID]bool)
	for _, t := range tokens {
		if !seen[t.Value.Owner] {
			seen[t.Value.Owner] = true
			owners = append(owners, t.Value.Owner)
		}
	}
	return owners, nil
}
