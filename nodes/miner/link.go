package miner

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/gocess/gocess/internal/durable"
	"github.com/gocess/gocess/sdk"
)

// ErrOtherChain is returned when the node is on another chain than the one
// that the folder was used with.
var ErrOtherChain = errors.New("the node is on another chain than this folder's miner")

// link is the connection to the chain. It is made when it is first needed and
// mends itself afterwards.
type link struct {
	url     string
	genesis string // file that remembers the chain
	log     *slog.Logger
	turn    chan struct{} // a lock that gives way to contexts
	client  *sdk.Client   // guarded by turn
}

func newLink(url, genesis string, log *slog.Logger) *link {
	return &link{url: url, genesis: genesis, log: log, turn: make(chan struct{}, 1)}
}

const dialTimeout = 10 * time.Second

// get gives the connection, or why there is none.
func (l *link) get(ctx context.Context) (*sdk.Client, error) {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if l.client != nil {
		return l.client, nil
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	c, err := sdk.Dial(ctx, l.url, sdk.WithLogger(l.log))
	if err != nil {
		return nil, err
	}
	if err := l.checkGenesis(c); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	l.client = c
	return c, nil
}

// checkGenesis remembers the chain, or compares it.
func (l *link) checkGenesis(c *sdk.Client) error {
	hash := fmt.Sprintf("%x", c.Genesis())
	b, err := os.ReadFile(l.genesis)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return durable.WriteFile(l.genesis, []byte(hash+"\n"), 0o600)
	case err != nil:
		return err
	case strings.TrimSpace(string(b)) != hash:
		return fmt.Errorf("%w: genesis %s there, %s here", ErrOtherChain, hash, strings.TrimSpace(string(b)))
	}
	return nil
}

func (l *link) close() error {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	if l.client == nil {
		return nil
	}
	c := l.client
	l.client = nil
	return c.Close()
}
