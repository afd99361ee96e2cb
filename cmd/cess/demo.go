package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/devnet"
	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/sdk/gateway"
)

// The demonstration: //Alice stores a file of random bytes and gets it back.
const (
	demoAccount   = "//Alice"
	demoTerritory = "demo"
	demoGiB       = 10
	demoBytes     = 24 * miB
)

// runDemo stores a file in a running network, fetches it back and returns its
// fid. It can be repeated on a network that was kept.
func runDemo(ctx context.Context, cmd *cobra.Command, info *devnet.Info) (fid types.Hash, err error) {
	alice, err := crypto.FromURI(crypto.Sr25519, demoAccount)
	if err != nil {
		return fid, err
	}
	c, err := sdk.Dial(ctx, info.RPCWS)
	if err != nil {
		return fid, err
	}
	defer c.Close()
	say(cmd, "\nDemo: %s stores a file and fetches it back.", demoAccount)
	if err := prepareDemo(ctx, cmd, c, alice, info.Gateway); err != nil {
		return fid, err
	}
	dir, err := os.MkdirTemp("", "cess-demo-")
	if err != nil {
		return fid, err
	}
	defer os.RemoveAll(dir)
	d := demo{cmd: cmd, chain: c, original: filepath.Join(dir, "demo.bin"), copy: filepath.Join(dir, "copy.bin")}
	if d.gateway, err = gateway.New(info.Gateway, alice); err != nil {
		return fid, err
	}
	defer d.gateway.Close()
	if err := d.run(ctx); err != nil {
		return fid, err
	}
	say(cmd, `
stored, fetched, identical

Try next, in another terminal:
  export CESS_NODE=%s CESS_GATEWAY=%s CESS_FROM=%s
  cess file ls
  cess file stat %v
  cess file put <your file> --territory %s --wait active
  cess query FileBank.File %v
`, info.RPCWS, info.Gateway, demoAccount, d.fid, demoTerritory, d.fid)
	return d.fid, nil
}

// prepareDemo makes sure that there is space and that the gateway may use it.
func prepareDemo(ctx context.Context, cmd *cobra.Command, c *sdk.Client, key crypto.Pair, address string) error {
	_, found, err := sdk.FindPair(ctx, c.Best(), storagehandler.Territories, sdk.Account(key), types.TerritoryName(demoTerritory))
	if err != nil {
		return err
	}
	if !found {
		minted, err := mintTerritory(ctx, c, key, demoTerritory, demoGiB, 30)
		if err != nil {
			return err
		}
		say(cmd, "Territory %q: %d GiB for 30 days, for %s.", demoTerritory, demoGiB, tokens(minted.Spend))
	}
	account, err := gatewayAccount(ctx, c, address, false)
	if err != nil {
		return err
	}
	_, err = c.Submit(ctx, key, oss.Authorize{Operator: account})
	switch {
	case err == nil:
		say(cmd, "The gateway may act for %s.", demoAccount)
	case !errors.Is(err, oss.ErrExisted):
		return err
	}
	return nil
}

type demo struct {
	cmd            *cobra.Command
	chain          *sdk.Client
	gateway        *gateway.Client
	original, copy string
	fid            types.Hash
}

func (d *demo) run(ctx context.Context) error {
	sum, err := writeRandom(d.original, demoBytes)
	if err != nil {
		return err
	}
	say(d.cmd, "A file of %s random bytes, SHA-256 %x.", bytesText(demoBytes), sum)
	began := time.Now()
	bar := startProgress(d.cmd, "storing", demoBytes)
	d.fid, err = d.gateway.PutFile(ctx, demoTerritory, d.original, gateway.PutOptions{Progress: bar.set})
	bar.done()
	if err != nil {
		return explainGateway(err)
	}
	say(d.cmd, "The gateway has it after %v; fid %v. Miners store its twelve parts:", time.Since(began).Round(time.Millisecond), d.fid)
	if err := awaitActive(d.cmd, d.gateway, d.fid); err != nil {
		return err
	}
	info, err := statFile(d.cmd, d.chain, d.fid)
	if err != nil {
		return err
	}
	if err := show(d.cmd, info, info.print); err != nil {
		return err
	}
	say(d.cmd, "Stored by miners %v after the start.", time.Since(began).Round(time.Millisecond))

	bar = startProgress(d.cmd, "fetching", demoBytes)
	err = d.gateway.GetFile(ctx, d.fid, d.copy, gateway.GetOptions{Progress: bar.set, Verify: true})
	bar.done()
	if err != nil {
		return explainGet(err)
	}
	got, err := sumFile(d.copy)
	if err != nil {
		return err
	}
	if got != sum {
		return fmt.Errorf("the file that came back differs: SHA-256 %x", got)
	}
	return nil
}

// writeRandom makes a file of random bytes and returns its SHA-256.
func writeRandom(path string, size int64) (sum [32]byte, err error) {
	f, err := os.Create(path)
	if err != nil {
		return sum, err
	}
	h := sha256.New()
	_, err = io.CopyN(io.MultiWriter(f, h), rand.Reader, size)
	h.Sum(sum[:0])
	return sum, errors.Join(err, f.Close())
}

func sumFile(path string) (sum [32]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	h.Sum(sum[:0])
	return sum, err
}
