package sdk

import (
	"context"
	"errors"
	"net"
	"time"
)

// The pause between two attempts of Await.
const (
	firstPause = time.Second
	maxPause   = 10 * time.Second
)

// Await is Dial for services, which may start before their node does: after a
// power cut everything starts at once. While nobody answers it tries again and
// logs why, until ctx ends; it returns at once what no waiting mends, such as a
// malformed address or an answer that is not a node's.
func Await(ctx context.Context, url string, opts ...Option) (*Client, error) {
	o := newOptions(opts)
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		c, err := Dial(ctx, url, opts...)
		var unreachable *net.OpError
		if err == nil || !errors.As(err, &unreachable) || ctx.Err() != nil {
			return c, err
		}
		o.log.Warn("waiting for the node", "again", pause, "err", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, err
		}
	}
}
