package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

func validatorKeys() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Make, register and compare session keys",
		Long: `Shows which keys a validator has registered and whether its node has them. "rotate"
has the node make new ones and registers them; "set" registers keys that were
made before. New keys serve from the second session on: until then the node
needs the old ones too, and it keeps them.`,
		Example: `  cess validator keys --of //Alice//stash
  cess validator keys rotate --from @stash.key`,
		Args: cobra.NoArgs,
	}
	of := cmd.Flags().String("of", "", "the stash (default the one that the node votes for)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := dial(cmd)
		if err != nil {
			return err
		}
		defer c.Close()
		return showSessionKeys(cmd, c, *of)
	}
	cmd.AddCommand(validatorRotate(), validatorSetKeys())
	return cmd
}

type keyRow struct {
	Type   string `json:"type"`
	Public string `json:"public"`
	Held   bool   `json:"held"` // by the node
}

func showSessionKeys(cmd *cobra.Command, c *sdk.Client, of string) error {
	ctx := cmd.Context()
	stash, err := stashOf(ctx, c, of)
	if err != nil {
		return err
	}
	keys, found, err := sdk.Find(ctx, c.Best(), session.NextKeys, stash)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("%v has registered no session keys\n(`cess validator keys rotate --from <its key>` makes and registers some)", types.Address(stash))
	}
	var rows []keyRow
	for _, k := range listKeys(keys) {
		row := keyRow{Type: string(k.kind), Public: "0x" + hex.EncodeToString(k.public)}
		if err := c.RPC().Call(ctx, &row.Held, "author_hasKey", row.Public, row.Type); err != nil {
			return fmt.Errorf("%w\n(ask the validator's own node on its machine)", err)
		}
		rows = append(rows, row)
	}
	return show(cmd, rows, func(w io.Writer) {
		fmt.Fprintln(w, "TYPE\tPUBLIC KEY\tON THIS NODE")
		for _, r := range rows {
			fmt.Fprintf(w, "%s\t%s\t%s\n", r.Type, r.Public, map[bool]string{true: "yes", false: "NO"}[r.Held])
		}
	})
}

type namedKey struct {
	kind   crypto.KeyType
	public []byte
}

func listKeys(k types.SessionKeys) []namedKey {
	return []namedKey{
		{crypto.Grandpa, k.Grandpa[:]}, {crypto.Babe, k.Babe[:]}, {crypto.ImOnline, k.ImOnline[:]},
		{crypto.AuthorityDiscovery, k.AuthorityDiscovery[:]}, {crypto.Beefy, k.Beefy[:]},
	}
}

// stashOf is the account that text names, or the one that the node votes for.
func stashOf(ctx context.Context, c *sdk.Client, text string) (substrate.AccountID, error) {
	if text != "" {
		id, err := parseAccount(text)
		return id, err
	}
	s, err := askNode(ctx, c)
	if err != nil {
		return substrate.AccountID{}, fmt.Errorf("which validator? name it with --of: %w", err)
	}
	if s.Stash == (types.Address{}) {
		return substrate.AccountID{}, errors.New("which validator? The node votes for none; name one with --of")
	}
	return substrate.AccountID(s.Stash), nil
}

func validatorRotate() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "rotate",
		Short:   "Have the node make new session keys, and register them",
		Example: `  cess validator keys rotate --from @stash.key`,
		Args:    cobra.NoArgs,
	}
	return validatorCalls(cmd, func(ctx context.Context, c *sdk.Client, stash substrate.AccountID, _ []string) ([]runtime.Call, error) {
		if _, bonded, err := bondOf(ctx, c, stash); err != nil {
			return nil, err
		} else if !bonded {
			return nil, notBonded(stash)
		}
		var encoded hexText
		if err := c.RPC().Call(ctx, &encoded, "author_rotateKeys"); err != nil {
			return nil, fmt.Errorf("%w\n(keys are made by the validator's own node, asked on its machine: name it with --node)", err)
		}
		keys, err := scale.Unmarshal[types.SessionKeys](encoded)
		return []runtime.Call{session.SetKeys{Keys: keys}}, err
	})
}

func validatorSetKeys() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "set <hex>",
		Short:   "Register session keys that author_rotateKeys returned",
		Example: `  cess validator keys set 0x88dc…  --from @stash.key`,
		Args:    cobra.ExactArgs(1),
	}
	return validatorCalls(cmd, func(_ context.Context, _ *sdk.Client, _ substrate.AccountID, args []string) ([]runtime.Call, error) {
		keys, err := parseSessionKeys(args[0])
		return []runtime.Call{session.SetKeys{Keys: keys}}, err
	})
}

func parseSessionKeys(text string) (types.SessionKeys, error) {
	raw, err := parseHex(strings.TrimSpace(text))
	if err == nil && len(raw) != sessionKeysSize {
		err = fmt.Errorf("%d bytes", len(raw))
	}
	if err != nil {
		return types.SessionKeys{}, fmt.Errorf("session keys: 0x and %d hex digits are needed: %w", 2*sessionKeysSize, err)
	}
	return scale.Unmarshal[types.SessionKeys](raw)
}

// sessionKeysSize is the length of encoded session keys: four of 32 bytes and one
// of 33.
const sessionKeysSize = 161
