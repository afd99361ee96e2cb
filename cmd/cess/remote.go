package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/metadata"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/sdk/jsonrpc"
)

// remote is a chain as its node describes it: what it has is looked up in its
// metadata, so that any Substrate chain will do.
type remote struct {
	*sdk.Client
	meta *metadata.Metadata
}

// dialRemote connects to --node and reads its metadata.
func dialRemote(cmd *cobra.Command) (*remote, error) {
	c, err := dial(cmd)
	if err != nil {
		return nil, err
	}
	var blob hexText
	if err := c.RPC().Call(cmd.Context(), &blob, "state_getMetadata"); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	m, err := metadata.Decode(blob)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return &remote{c, m}, nil
}

// pallet finds a pallet, in whatever case its name is written.
func (r *remote) pallet(name string) (*metadata.Pallet, error) {
	var known []string
	for i := range r.meta.Pallets {
		p := &r.meta.Pallets[i]
		if strings.EqualFold(p.Name, name) {
			return p, nil
		}
		known = append(known, p.Name)
	}
	return nil, fmt.Errorf("the chain has no pallet %q; it has %s", name, strings.Join(known, ", "))
}

// split takes Pallet.Item apart; the item may be missing.
func split(name string) (pallet, item string, err error) {
	pallet, item, _ = strings.Cut(name, ".")
	if pallet == "" || strings.Contains(item, ".") {
		return "", "", fmt.Errorf("%q: a name such as Sminer.AllMiner is needed", name)
	}
	return pallet, item, nil
}

// hexText is a byte string in 0x-hex.
type hexText []byte

func (b hexText) MarshalText() ([]byte, error) { return []byte("0x" + hex.EncodeToString(b)), nil }

func (b *hexText) UnmarshalText(text []byte) error {
	v, err := parseHex(string(text))
	*b = v
	return err
}

func parseHex(text string) ([]byte, error) {
	digits, ok := strings.CutPrefix(text, "0x")
	if !ok {
		return nil, fmt.Errorf("%.20q: 0x and hex digits are needed", text)
	}
	return hex.DecodeString(digits)
}

// blockAt resolves --at: a height, a hash, or nothing for the best block.
func (r *remote) blockAt(ctx context.Context, at string) (hash substrate.H256, err error) {
	if at == "" {
		err = r.RPC().Call(ctx, &hash, "chain_getBlockHash")
		return hash, err
	}
	if strings.HasPrefix(at, "0x") {
		b, err := parseHex(at)
		if err != nil || len(b) != len(hash) {
			return hash, fmt.Errorf("--at %s: a height or a block hash of 64 hex digits is needed", at)
		}
		return substrate.H256(b), nil
	}
	var height uint32
	if _, err := fmt.Sscanf(at, "%d", &height); err != nil || fmt.Sprint(height) != at {
		return hash, fmt.Errorf("--at %s: a height or a block hash is needed", at)
	}
	return r.HashAt(ctx, height)
}

// raw reads values of a block; absent ones are nil. It asks for fewer at a
// time where an answer would be too big for the node.
func (r *remote) raw(ctx context.Context, block substrate.H256, keys []hexText) (map[string][]byte, error) {
	var sets []struct {
		Changes [][2]*hexText `json:"changes"`
	}
	err := r.RPC().Call(ctx, &sets, "state_queryStorageAt", keys, block)
	var refused *jsonrpc.Error
	if errors.As(err, &refused) && len(keys) > 1 {
		half := len(keys) / 2
		out, err := r.raw(ctx, block, keys[:half])
		if err != nil {
			return nil, err
		}
		rest, err := r.raw(ctx, block, keys[half:])
		for k, v := range rest {
			out[k] = v
		}
		return out, err
	}
	if err != nil {
		return nil, err
	}
	out := make(map[string][]byte, len(keys))
	for _, set := range sets {
		for _, change := range set.Changes {
			if change[0] != nil && change[1] != nil {
				out[string(*change[0])] = append([]byte{}, *change[1]...)
			}
		}
	}
	return out, nil
}

// parseAccount reads an account: SS58 with any prefix, 0x-hex, or the path of
// a development key such as //Alice.
func parseAccount(text string) ([32]byte, error) {
	if strings.HasPrefix(text, "//") {
		pair, err := crypto.FromURI(crypto.Sr25519, text)
		if err != nil {
			return [32]byte{}, err
		}
		return pair.AccountID(), nil
	}
	id, err := types.ParseAddress(text)
	if err != nil {
		err = fmt.Errorf("%w (an address, 0x and 64 hex digits, or a development key such as //Alice is needed)", err)
	}
	return id, err
}

// accountText writes accounts with CESS's prefix, 11330.
func accountText(id [32]byte) string { return types.Address(id).String() }
