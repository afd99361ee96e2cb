package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/internal/durable"
	"github.com/gocess/gocess/ledger/consensus"
	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/ledger/pallets/r2s"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/validator"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/sdk"
)

// sessionKeysFile names, in a node's folder, the public session keys that init
// made for it.
const sessionKeysFile = "session-keys"

// preparedNode is what init makes.
type preparedNode struct {
	Home     string            `json:"home"`
	Settings string            `json:"settings"`
	NodeID   string            `json:"nodeId"`
	Keys     string            `json:"sessionKeys"`
	public   types.SessionKeys // Keys, decoded
}

// prepareNode makes a node's folder with session keys and settings. What is there
// already stays.
func prepareNode(home, spec string) (*preparedNode, error) {
	home, err := filepath.Abs(home)
	if err != nil {
		return nil, err
	}
	if spec != "" {
		if spec, err = filepath.Abs(spec); err != nil {
			return nil, err
		}
		if _, err := genesis.Load(spec); err != nil {
			return nil, err
		}
	}
	if err := durable.MkdirAll(home, 0o700); err != nil {
		return nil, err
	}
	p := &preparedNode{Home: home, Settings: filepath.Join(home, "node.yaml")}
	if p.NodeID, err = consensus.NodeID(home); err != nil {
		return nil, err
	}
	if p.public, err = ownKeys(home); err != nil {
		return nil, err
	}
	p.Keys = "0x" + hex.EncodeToString(scale.MustMarshal(p.public))
	if _, err := os.Stat(p.Settings); errors.Is(err, fs.ErrNotExist) {
		text := fmt.Sprintf("# Settings of a validator's node; `cess node --help` explains them.\nhome: %q\nspec: %q\n"+
			"rpc: \"127.0.0.1:9944\"\np2p: \"0.0.0.0:9945\"\n# external: \"203.0.113.7:9945\"\n# peers: [\"ID@host:9945\"]\n# admin: \"127.0.0.1:9615\"\n", home, spec)
		if err := durable.WriteFile(p.Settings, []byte(text), 0o600); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	return p, nil
}

// ownKeys reads the session keys that were made for the folder, or makes them.
func ownKeys(home string) (keys types.SessionKeys, err error) {
	path := filepath.Join(home, sessionKeysFile)
	text, err := os.ReadFile(path)
	if err == nil {
		keys, err = parseSessionKeys(string(text))
		if err != nil {
			return keys, fmt.Errorf("%s: %w", path, err)
		}
		return keys, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return keys, err
	}
	store, err := crypto.OpenSessionKeystore(filepath.Join(home, validator.KeystoreDir))
	if err != nil {
		return keys, err
	}
	var encoded []byte
	for _, kind := range crypto.KeyTypes {
		public, err := store.Generate(kind)
		if err != nil {
			return keys, err
		}
		encoded = append(encoded, public...)
	}
	// Written last: keys that nobody knows of do no harm.
	if err := durable.WriteFile(path, []byte("0x"+hex.EncodeToString(encoded)+"\n"), 0o600); err != nil {
		return keys, err
	}
	return scale.Unmarshal[types.SessionKeys](encoded)
}

func (p *preparedNode) print(w io.Writer) {
	fmt.Fprintf(w, "Settings\t%s\nNode id\t%s\nSession keys\t%s\n", p.Settings, p.NodeID, p.Keys)
}

func validatorInit() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Prepare a validator's node: its folder, session keys and settings",
		Long: `Makes the folder of a node with new session keys in its keystore, and node.yaml.
Nothing that exists is changed, so that it can be called again. It needs no
network; "cess validator join" does this too and registers the validator.`,
		Example: `  cess validator init --home /data/cess --spec chain.json`,
		Args:    cobra.NoArgs,
	}
	home := cmd.Flags().String("home", "cess-node", "folder for the node's data")
	spec := cmd.Flags().String("spec", "", "chain spec file")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		p, err := prepareNode(*home, *spec)
		if err != nil {
			return err
		}
		return show(cmd, p, func(w io.Writer) {
			p.print(w)
			fmt.Fprintf(w, "\nNext, start the node and register the validator:\n  cess node -c %s\n  cess validator join --home %s --from <stash key>\n", p.Settings, p.Home)
		})
	}
	return cmd
}

func validatorJoin() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "join",
		Short: "Become a validator candidate: prepare the node, bond, register keys, validate",
		Long: `Does everything to become a candidate, one step after the other, and leaves out
what has been done: it can be called again after an error. The account of --from
becomes the stash. --node may be any node of the chain. Then run the node:
candidates whose node shows no life are not elected.`,
		Example: `  cess validator join --home /data/cess --spec chain.json --from @stash.key --commission 5
  cess validator join --home ./eve --from //Eve --bond 4000000TCESS`,
		Args: cobra.NoArgs,
	}
	from := fromFlag(cmd)
	f := cmd.Flags()
	home := f.String("home", "cess-node", "folder for the node's data")
	spec := f.String("spec", "", "chain spec file")
	bond := f.String("bond", "", "what the bond is to be, in planck or TCESS (default the least that can be elected)")
	payee := f.String("payee", "staked", payeeHelp)
	commission := f.String("commission", "0", commissionHelp)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		part, err := parseCommission(*commission)
		if err != nil {
			return err
		}
		to, err := parsePayee(*payee)
		if err != nil {
			return err
		}
		key, err := from()
		if err != nil {
			return err
		}
		r, err := dialRemote(cmd)
		if err != nil {
			return err
		}
		defer r.Close()
		p, err := prepareNode(*home, *spec)
		if err != nil {
			return err
		}
		j := joining{r: r, key: key, node: p}
		prefs := staking.ValidatorPrefs{Commission: part}
		for _, step := range []func(context.Context) (string, runtime.Call, error){
			func(ctx context.Context) (string, runtime.Call, error) { return j.bond(ctx, *bond, to) },
			j.keys,
			func(ctx context.Context) (string, runtime.Call, error) { return j.validate(ctx, prefs) },
		} {
			if err := j.do(cmd, step); err != nil {
				return err
			}
		}
		result := struct {
			*preparedNode
			Stash types.Address `json:"stash"`
		}{p, types.Address(sdk.Account(key))}
		return show(cmd, result, func(w io.Writer) {
			fmt.Fprintf(w, "Stash\t%v\n", result.Stash)
			p.print(w)
			fmt.Fprintf(w, "\nIt is a candidate. Keep its node running; `cess validator doctor --of %v` says what is missing:\n  cess node -c %s\n", result.Stash, p.Settings)
		})
	}
	return cmd
}

// joining is a validator on its way to be a candidate.
type joining struct {
	r    *remote
	key  crypto.Pair
	node *preparedNode
}

// do signs and sends the call of a step; there is none if nothing is to do.
func (j *joining) do(cmd *cobra.Command, step func(context.Context) (string, runtime.Call, error)) error {
	what, call, err := step(cmd.Context())
	if err != nil {
		return err
	}
	if call == nil {
		say(cmd, "%s: done before", what)
		return nil
	}
	if _, err := j.r.Submit(cmd.Context(), j.key, call); err != nil {
		return fmt.Errorf("%s: %w\n(call `cess validator join` again when the cause is removed: it goes on from here)", what, explain(err))
	}
	say(cmd, "%s: done", what)
	return nil
}

func (j *joining) bond(ctx context.Context, text string, to staking.RewardDestination) (string, runtime.Call, error) {
	want, err := sdk.Constant(ctx, j.r.Best(), r2s.LeastBacking)
	if err != nil {
		return "", nil, err
	}
	if text != "" {
		if want, err = parseAmount(text); err != nil {
			return "", nil, err
		}
	}
	what := "bond " + tokens(want)
	l, _, err := bondOf(ctx, j.r.Client, j.key.AccountID())
	if err != nil || !l.Active.Less(want) {
		return what, nil, err
	}
	call, err := bondCall(ctx, j.r.Client, j.key.AccountID(), want.SaturatingSub(l.Active), to)
	return what, call, err
}

func (j *joining) keys(ctx context.Context) (string, runtime.Call, error) {
	const what = "register session keys"
	keys, found, err := sdk.Find(ctx, j.r.Best(), session.NextKeys, j.key.AccountID())
	if err != nil || found && keys == j.node.public {
		return what, nil, err
	}
	return what, session.SetKeys{Keys: j.node.public}, nil
}

func (j *joining) validate(ctx context.Context, prefs staking.ValidatorPrefs) (string, runtime.Call, error) {
	const what = "become a candidate"
	now, found, err := sdk.Find(ctx, j.r.Best(), staking.Validators, j.key.AccountID())
	if err != nil || found && now == prefs {
		return what, nil, err
	}
	return what, staking.Validate{Prefs: prefs}, nil
}
