package devnet

import (
	"context"
	"fmt"
	"time"

	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

const readyTimeout = 2 * time.Minute

// waitReady returns when the chain makes blocks, enough miners for a file
// have published where they are, and the gateway is registered.
func (n *Network) waitReady(ctx context.Context, cfg *Config) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	why := "the chain node does not answer"
	for {
		waiting, err := n.waitingFor(ctx, cfg)
		switch {
		case err == nil && waiting == "":
			return nil
		case err == nil:
			why = waiting
		}
		if failure := n.Err(); failure != nil {
			return failure
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not ready: %s: %w", why, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// waitingFor names what the network still lacks, "" if nothing.
func (n *Network) waitingFor(ctx context.Context, cfg *Config) (string, error) {
	c, err := sdk.Dial(ctx, n.Info.RPCWS)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if height, err := c.Height(ctx); err != nil || height == 0 {
		return "the chain has made no block yet", err
	}
	miners, err := sdk.List(ctx, c.Best(), sminer.Miners)
	if err != nil {
		return "", err
	}
	listed := 0
	for _, m := range miners {
		if string(m.Value.State) == sminer.StatePositive && len(m.Value.Endpoint) > 0 {
			listed++
		}
	}
	if listed < cfg.Miners {
		return fmt.Sprintf("%d of %d miners have published an endpoint", listed, cfg.Miners), nil
	}
	account, err := accountOf(GatewaySURI)
	if err != nil {
		return "", err
	}
	if _, found, err := sdk.Find(ctx, c.Best(), oss.Gateways, substrate.AccountID(account)); err != nil || !found {
		return "the gateway " + types.Address(account).String() + " is not registered", err
	}
	return "", nil
}
