package gateway

import (
	"context"
	"fmt"

	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/sdk"
)

// register makes the account a gateway, or brings its record up to date.
func (g *Gateway) register(ctx context.Context) error {
	domain := g.Domain()
	if len(domain) > (oss.DomainBound{}).Max() {
		return fmt.Errorf("gateway: the domain %s has %d bytes, at most %d fit on chain", domain, len(domain), (oss.DomainBound{}).Max())
	}
	me, found, err := sdk.Find(ctx, g.chain.Best(), oss.Gateways, g.account)
	if err != nil {
		return fmt.Errorf("read the gateway's record: %w", err)
	}
	switch {
	case !found:
		err = g.submit(ctx, oss.Register{Domain: oss.Domain(domain)})
	case string(me.Domain) != domain:
		err = g.submit(ctx, oss.Update{Domain: oss.Domain(domain)})
	default:
		return nil
	}
	if err != nil {
		return fmt.Errorf("register the gateway at %s: %w", domain, err)
	}
	g.log.Info("registered", "domain", domain)
	return nil
}
