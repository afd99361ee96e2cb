package devnet

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

const readyTimeout = 2 * time.Minute

// waitReady returns when each seat has made blocks, all nodes follow the chain and
// answer, and the gateway is registered.
func (n *Network) waitReady(ctx context.Context, cfg *Config) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	return n.wait(ctx, func(ctx context.Context, c *sdk.Client) (string, error) {
		height, err := c.Height(ctx)
		if err != nil || height == 0 {
			return "the chain has made no block yet", err
		}
		if waiting, err := cfg.authors(ctx, c); err != nil || waiting != "" {
			return waiting, err
		}
		for i := 1; i < cfg.Candidates; i++ {
			address, _ := cfg.validatorAddresses(i)
			if ok, err := synced(ctx, address, height); err != nil || !ok {
				return validatorName(i) + " does not follow the chain yet", err
			}
		}
		for _, node := range n.nodes {
			u, err := url.Parse(node.info.Endpoint)
			if err != nil {
				return "", err
			}
			if !answers(ctx, u.Host) {
				return node.info.Name + " does not answer", nil
			}
		}
		account, err := accountOf(GatewaySURI)
		if err != nil {
			return "", err
		}
		if _, found, err := sdk.Find(ctx, c.Best(), oss.Gateways, substrate.AccountID(account)); err != nil || !found {
			return "the gateway " + types.Address(account).String() + " is not registered", err
		}
		return "", nil
	})
}

func answers(ctx context.Context, address string) bool {
	d := net.Dialer{Timeout: time.Second}
	c, err := d.DialContext(ctx, "tcp", address)
	return err == nil && c.Close() == nil
}

// WaitStorage returns when all miners of the network have certified idle space
// and say where they are, so that files can be stored. Miners of a new network
// need a minute on two cores, those of one that goes on have it. progress, if
// not nil, gets the number of miners that are done whenever it changes.
func (n *Network) WaitStorage(ctx context.Context, progress func(done, all int)) error {
	all, last := 0, -1
	for _, node := range n.Info.Nodes {
		if node.Role == "miner" {
			all++
		}
	}
	return n.wait(ctx, func(ctx context.Context, c *sdk.Client) (string, error) {
		miners, err := sdk.List(ctx, c.Best(), sminer.Miners)
		if err != nil {
			return "", err
		}
		done := 0
		for _, m := range miners {
			if string(m.Value.State) == sminer.StatePositive && len(m.Value.Endpoint) > 0 && !m.Value.IdleSpace.IsZero() {
				done++
			}
		}
		if done != last && progress != nil {
			progress(done, all)
		}
		if last = done; done < all {
			return fmt.Sprintf("%d of %d miners have certified idle space", done, all), nil
		}
		return "", nil
	})
}

// wait asks until it is told that nothing is waited for, and reports what was
// when ctx ends or a node fails.
func (n *Network) wait(ctx context.Context, waitingFor func(context.Context, *sdk.Client) (string, error)) error {
	why := "the chain node does not answer"
	var c *sdk.Client
	defer func() {
		if c != nil {
			_ = c.Close() // nothing was sent
		}
	}()
	for {
		var err error
		if c == nil {
			c, err = sdk.Dial(ctx, n.Info.RPCWS)
		}
		if err == nil {
			var waiting string
			if waiting, err = waitingFor(ctx, c); err == nil && waiting == "" {
				return nil
			} else if err == nil {
				why = waiting
			}
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
