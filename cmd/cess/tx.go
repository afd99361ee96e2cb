package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/metadata"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/sdk"
)

// fromFlag is the flag that names the signing account, and its scheme.
func fromFlag(cmd *cobra.Command) func() (crypto.Pair, error) {
	scheme := schemeFlag(cmd)
	from := cmd.Flags().String("from", os.Getenv("CESS_FROM"), "secret URI of the signing account, - to read it, @file (CESS_FROM)")
	return func() (crypto.Pair, error) {
		s, err := scheme()
		if err != nil {
			return nil, err
		}
		return signer(s, *from)
	}
}

// How long `cess tx` waits.
const (
	waitReady     = "ready"
	waitInBlock   = "inblock"
	waitFinalized = "finalized"
)

func txCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "tx <Pallet.call> [argument…]",
		Short: "Sign and send a transaction",
		Long: `Signs a call and sends it. Arguments come in the call's order: accounts as an
address, 0x-hex or //Alice; amounts in planck or as 1.5TCESS; bytes as text or
0x-hex; none for an absent option; JSON for anything composed. Another call, as
Sudo.sudo takes it, is JSON or the hex that --dry-run prints.

A pallet's name alone lists its calls.`,
		Example: `  cess tx Balances.transfer_keep_alive //Bob 1.5TCESS --from //Alice
  cess tx Oss.authorize cXjmuHdBk4J3Zyt2oGodwGegNFaTFPcfC48PZ9NMmcUFzF6cc --from @key.txt
  cess tx Utility.batch '[{"System":{"remark":{"remark":"one"}}}]' --from //Alice --json
  cess tx Sudo.sudo $(cess tx System.set_storage '[]' --dry-run) --from //Alice
  cess tx Balances`,
		GroupID: "use",
		Args:    cobra.MinimumNArgs(1),
	}
	from := fromFlag(cmd)
	f := cmd.Flags()
	tip := f.String("tip", "", "what to pay the block's author for preference, in planck or TCESS")
	wait := f.String("wait", waitInBlock, "how far to wait: ready (in the pool), inblock or finalized")
	dryRun := f.Bool("dry-run", false, "print the encoded call and send nothing")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		pallet, name, err := split(args[0])
		if err != nil {
			return err
		}
		switch *wait {
		case waitReady, waitInBlock, waitFinalized:
		default:
			return fmt.Errorf("--wait %s: ready, inblock or finalized is needed", *wait)
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
		if name == "" {
			return showCalls(cmd, r.meta, p)
		}
		raw, err := encodeCall(r.meta, p, name, args[1:])
		if err != nil {
			return err
		}
		if *dryRun {
			return showCall(cmd, r.meta, raw)
		}
		t := transaction{remote: r, wait: *wait}
		if *tip != "" {
			v, err := parseAmount(*tip)
			if err != nil {
				return err
			}
			t.opts = append(t.opts, sdk.WithTip(v))
		}
		if t.call, err = scale.Unmarshal[runtime.RuntimeCall](raw); err != nil {
			return fmt.Errorf("this program cannot sign %s.%s: %w", p.Name, name, err)
		}
		if t.from, err = from(); err != nil {
			return err
		}
		return t.run(cmd)
	}
	return cmd
}

func findCall(m *metadata.Metadata, p *metadata.Pallet, name string) (*metadata.Variant, error) {
	calls := m.Calls(p).Variants
	for i := range calls {
		if strings.EqualFold(calls[i].Name, name) {
			return &calls[i], nil
		}
	}
	return nil, errors.New(missing("call", p.Name, name, calls, func(v metadata.Variant) string { return v.Name }))
}

// usageOf shows a call with its arguments.
func usageOf(m *metadata.Metadata, p *metadata.Pallet, call *metadata.Variant) string {
	text := p.Name + "." + call.Name
	for _, f := range call.Fields {
		text += fmt.Sprintf(" <%s: %s>", f.Name.Or("_"), m.TypeName(f.Type))
	}
	return text
}

// encodeCall encodes a call from the texts of its arguments.
func encodeCall(m *metadata.Metadata, p *metadata.Pallet, name string, texts []string) ([]byte, error) {
	call, err := findCall(m, p, name)
	if err != nil {
		return nil, err
	}
	if len(texts) != len(call.Fields) {
		return nil, fmt.Errorf("%s.%s takes %d arguments, not %d:\n  cess tx %s", p.Name, call.Name, len(call.Fields), len(texts), usageOf(m, p, call))
	}
	var args []any
	for i, f := range call.Fields {
		v, err := argument(m, f.Type, texts[i])
		if err != nil {
			return nil, fmt.Errorf("argument %s: %w", f.Name.Or(fmt.Sprint(i+1)), err)
		}
		args = append(args, v)
	}
	if len(args) == 0 {
		return m.EncodeCall(p.Name, call.Name, nil, format)
	}
	return m.EncodeCall(p.Name, call.Name, args, format)
}

func showCalls(cmd *cobra.Command, m *metadata.Metadata, p *metadata.Pallet) error {
	usages := []string{}
	for _, v := range m.Calls(p).Variants {
		usages = append(usages, usageOf(m, p, &v))
	}
	return show(cmd, usages, func(w io.Writer) {
		for _, u := range usages {
			fmt.Fprintln(w, u)
		}
	})
}

func showCall(cmd *cobra.Command, m *metadata.Metadata, raw []byte) error {
	call, err := m.DecodeCall(raw, format)
	if err != nil {
		return err
	}
	p, v, err := m.Call(call.Pallet, call.Name)
	if err != nil {
		return err
	}
	result := struct {
		Call string `json:"call"`
		Args any    `json:"args"`
		Hex  string `json:"hex"`
	}{p.Name + "." + v.Name, presentFields(m, v.Fields, call.Args), "0x" + hex.EncodeToString(raw)}
	return show(cmd, result, func(w io.Writer) { fmt.Fprintln(w, result.Hex) })
}

func presentFields(m *metadata.Metadata, fields []metadata.Field, v any) any {
	return rewriter{m, presentBytes}.fields(fields, v, 0)
}

// transaction is a call on its way to the chain.
type transaction struct {
	*remote
	call runtime.RuntimeCall
	from crypto.Pair
	opts []sdk.TxOption
	wait string
}

// run sends the transaction and shows what became of it. A call that failed is
// an error.
func (t *transaction) run(cmd *cobra.Command) error {
	if t.wait == waitReady {
		return t.runReady(cmd)
	}
	receipt, err := t.Submit(cmd.Context(), t.from, t.call.Call, t.opts...)
	return t.finish(cmd, receipt, err)
}

func (t *transaction) finish(cmd *cobra.Command, receipt *sdk.Receipt, err error) error {
	var failed *sdk.CallError
	if err != nil && (receipt == nil || !errors.As(err, &failed)) {
		return explain(err)
	}
	if t.wait == waitFinalized {
		if err := t.untilFinal(cmd.Context(), receipt.Number); err != nil {
			return err
		}
	}
	o, eventsErr := t.outcome(cmd.Context(), receipt)
	if eventsErr != nil {
		return eventsErr
	}
	o.Call, o.Success = t.call.Name(), failed == nil
	if failed != nil {
		o.Error = failed.Reason
	}
	if err := show(cmd, o, o.print); err != nil {
		return err
	}
	if failed != nil {
		if asJSON(cmd) {
			return errReported
		}
		return failed
	}
	return nil
}

// explain adds what to try to errors that everybody meets.
func explain(err error) error {
	text := err.Error()
	switch {
	case strings.Contains(text, "Inability to pay some fees"):
		return fmt.Errorf("%w\n(the account has too little TCESS for the fee: see `cess query System.Account <account>`)", err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w\n(does the chain make blocks? see `cess query System.Number`)", err)
	}
	return err
}
