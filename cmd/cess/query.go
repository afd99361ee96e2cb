package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/primitives/metadata"
	"github.com/gocess/gocess/primitives/substrate"
)

func queryCommand() *cobra.Command {
	var at string
	var limit int
	cmd := &cobra.Command{
		Use:   "query <Pallet.Item> [key…]",
		Short: "Read the chain's state",
		Long: `Reads a storage item through the node's metadata: of a CESS chain, or of any
other Substrate chain.

Keys are accounts (an address, 0x-hex or //Alice), numbers, text or 0x-hex for
bytes, and JSON for anything composed. Without its keys, or with the first of
several only, a map is listed. A pallet's name alone shows what it stores.

Bytes that are printable text are shown as text, others as 0x-hex.`,
		Example: `  cess query System.Account //Alice
  cess query StorageHandler.Territory //Alice photos
  cess query FileBank.File 83ef…02 --json
  cess query Sminer.AllMiner --at 1200
  cess query Sminer.MinerItems --limit 0 --json
  cess query constants Balances.ExistentialDeposit`,
		GroupID: "use",
		Args:    cobra.MinimumNArgs(1),
	}
	cmd.Flags().StringVar(&at, "at", "", "height or 0x-hash of the block to read at (default the best)")
	cmd.Flags().IntVar(&limit, "limit", 100, "most entries of a map to show; 0 shows all")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
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
		if name == "" {
			return showItems(cmd, r.meta, p)
		}
		item, err := findItem(r.meta, p, name)
		if err != nil {
			return err
		}
		keys, err := item.parseKeys(args[1:])
		if err != nil {
			return err
		}
		block, err := r.blockAt(cmd.Context(), at)
		if err != nil {
			return err
		}
		if len(keys) < len(item.keys) {
			return listItem(cmd, r, item, keys, block, limit)
		}
		return showItem(cmd, r, item, keys, block)
	}
	cmd.AddCommand(queryConstants())
	return cmd
}

// found is a value as JSON shows it.
type found struct {
	Item  string         `json:"item"`
	Block substrate.H256 `json:"block"`
	Keys  []any          `json:"keys,omitempty"`
	// Set is false when nothing is stored: Value is then the item's default, or
	// null.
	Set   bool `json:"set"`
	Value any  `json:"value"`
}

func showItem(cmd *cobra.Command, r *remote, item *storageItem, keys []any, block substrate.H256) error {
	key, err := item.key(keys)
	if err != nil {
		return err
	}
	values, err := r.raw(cmd.Context(), block, []hexText{key})
	if err != nil {
		return err
	}
	raw, set := values[string(key)]
	result := found{Item: item.name(), Block: block, Keys: keys, Set: set}
	switch {
	case !set && item.entry.Modifier == metadata.Optional:
	case !set:
		raw = item.entry.Fallback
		fallthrough
	default:
		if result.Value, err = item.value(raw); err != nil {
			return err
		}
	}
	if err := show(cmd, result, func(w io.Writer) {
		if result.Value == nil && !set {
			fmt.Fprintln(w, "not set")
		} else {
			fmt.Fprintln(w, valueText(result.Value, "  "))
		}
	}); err != nil {
		return err
	}
	if !set && result.Value != nil {
		say(cmd, "(nothing is stored; this is the default)")
	}
	return nil
}

// foundEntry is an entry of a map.
type foundEntry struct {
	Keys  []any `json:"keys"`
	Value any   `json:"value"`
}

func listItem(cmd *cobra.Command, r *remote, item *storageItem, given []any, block substrate.H256, limit int) error {
	var entries []foundEntry
	more, err := r.each(cmd.Context(), item, given, block, limit, func(keys []any, value any) {
		entries = append(entries, foundEntry{keys, value})
	})
	if err != nil {
		return err
	}
	result := struct {
		Item    string         `json:"item"`
		Block   substrate.H256 `json:"block"`
		Entries []foundEntry   `json:"entries"`
		More    bool           `json:"more"`
	}{item.name(), block, append([]foundEntry{}, entries...), more}
	if err := show(cmd, result, func(w io.Writer) {
		for _, e := range entries {
			texts := make([]string, len(e.Keys))
			for i, k := range e.Keys {
				texts[i] = valueText(k, "")
			}
			fmt.Fprintf(w, "%s\t%s\n", strings.Join(texts, " "), valueText(e.Value, ""))
		}
	}); err != nil {
		return err
	}
	switch {
	case len(entries) == 0:
		say(cmd, "(no entries)")
	case more:
		say(cmd, "(there are more; --limit 0 shows all)")
	}
	return nil
}

// keysPerPage is how many entries are read at once.
const keysPerPage = 200

// each reads the entries of a map whose first keys are given, in the order of
// their storage keys; it reports whether there are more than limit.
func (r *remote) each(ctx context.Context, item *storageItem, given []any, block substrate.H256, limit int, fn func(keys []any, value any)) (more bool, err error) {
	prefix, err := item.key(given)
	if err != nil {
		return false, err
	}
	start := hexText(prefix)
	for n := 0; ; {
		var keys []hexText
		if err := r.RPC().Call(ctx, &keys, "state_getKeysPaged", hexText(prefix), keysPerPage, start, block); err != nil {
			return false, err
		}
		if len(keys) == 0 {
			return false, nil
		}
		start = keys[len(keys)-1]
		if limit > 0 && n+len(keys) > limit {
			keys, more = keys[:limit-n], true
		}
		n += len(keys)
		if err := r.page(ctx, item, keys, block, fn); err != nil || more {
			return more, err
		}
	}
}

func (r *remote) page(ctx context.Context, item *storageItem, keys []hexText, block substrate.H256, fn func([]any, any)) error {
	if len(keys) == 0 {
		return nil
	}
	values, err := r.raw(ctx, block, keys)
	if err != nil {
		return err
	}
	for _, key := range keys {
		parts, err := item.parseKey(key)
		if err != nil {
			return err
		}
		value, err := item.value(values[string(key)])
		if err != nil {
			return err
		}
		fn(parts, value)
	}
	return nil
}

// valueText writes a value for people: text as it is, the rest as JSON.
func valueText(v any, indent string) string {
	if s, ok := v.(string); ok {
		return s
	}
	var b []byte
	var err error
	if indent == "" {
		b, err = json.Marshal(v)
	} else {
		b, err = json.MarshalIndent(v, "", indent)
	}
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

func showItems(cmd *cobra.Command, m *metadata.Metadata, p *metadata.Pallet) error {
	type row struct {
		Item     string   `json:"item"`
		Keys     []string `json:"keys"`
		Value    string   `json:"value"`
		Modifier string   `json:"modifier"`
	}
	rows := []row{}
	storage, _ := p.Storage.Get()
	for i := range storage.Entries {
		e := &storage.Entries[i]
		_, keys, err := m.Keys(e)
		if err != nil {
			return err
		}
		line := row{p.Name + "." + e.Name, []string{}, m.TypeName(e.Value()), e.Modifier.String()}
		for _, k := range keys {
			line.Keys = append(line.Keys, m.TypeName(k))
		}
		rows = append(rows, line)
	}
	return show(cmd, rows, func(w io.Writer) {
		fmt.Fprintln(w, "ITEM\tKEYS\tVALUE")
		for _, r := range rows {
			fmt.Fprintf(w, "%s\t%s\t%s\n", r.Item, strings.Join(r.Keys, ", "), r.Value)
		}
	})
}
