// Package sdk is the Go client of a CESS network: typed queries of the chain's
// state, extrinsics, events, and the gateway's file interface.
//
//	c, err := sdk.Dial(ctx, "ws://127.0.0.1:9944")
//	alice, err := crypto.FromURI(crypto.Sr25519, "//Alice")
//	receipt, err := c.Submit(ctx, alice, balances.TransferKeepAlive{…})
//	info, found, err := sdk.Find(ctx, c.Best(), filebank.Files, fid)
//
// Queries use the pallets' own storage declarations, so that a key or a type
// cannot differ from the chain's.
package sdk

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"

	_ "github.com/gocess/gocess/ledger/pallets" // registers all calls and events
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk/jsonrpc"
)

// Client is a connection to a chain through one of several nodes. It is safe
// for concurrent use and reconnects by itself.
type Client struct {
	conn    *jsonrpc.Conn
	log     *slog.Logger
	genesis substrate.H256
	version atomic.Pointer[substrate.RuntimeVersion]

	mu       sync.Mutex
	accounts map[substrate.AccountID]*nonces // guarded by mu
}

// Option tunes a Client.
type Option func(*options)

type options struct{ log *slog.Logger }

func newOptions(opts []Option) options {
	o := options{log: slog.New(slog.DiscardHandler)}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// WithLogger sets where the client logs; nowhere by default.
func WithLogger(log *slog.Logger) Option { return func(o *options) { o.log = log } }

// Dial connects to the chain behind url. Several addresses, separated by
// commas, are tried in turn.
func Dial(ctx context.Context, url string, opts ...Option) (*Client, error) {
	o := newOptions(opts)
	var urls []string
	for u := range strings.SplitSeq(url, ",") {
		if u = strings.TrimSpace(u); u != "" {
			urls = append(urls, u)
		}
	}
	conn, err := jsonrpc.Dial(ctx, o.log, urls...)
	if err != nil {
		return nil, err
	}
	c := &Client{conn: conn, log: o.log, accounts: make(map[substrate.AccountID]*nonces)}
	if err := c.learn(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return c, nil
}

func (c *Client) learn(ctx context.Context) error {
	genesis, err := c.HashAt(ctx, 0)
	if err != nil {
		return err
	}
	c.genesis = genesis
	_, err = c.learnVersion(ctx)
	return err
}

// learnVersion asks for the runtime that signatures are for, and says whether it
// is another one than before.
func (c *Client) learnVersion(ctx context.Context) (changed bool, err error) {
	var v substrate.RuntimeVersion
	if err := c.conn.Call(ctx, &v, "state_getRuntimeVersion"); err != nil {
		return false, err
	}
	last := c.version.Swap(&v)
	return last == nil || last.SpecVersion != v.SpecVersion || last.TransactionVersion != v.TransactionVersion, nil
}

// Close ends all queries and subscriptions.
func (c *Client) Close() error { return c.conn.Close() }

// RPC is the connection below, for methods that have no typed form here.
func (c *Client) RPC() *jsonrpc.Conn { return c.conn }

// Genesis is the hash of block 0, which names the chain.
func (c *Client) Genesis() substrate.H256 { return c.genesis }

// Version is the runtime that the client signs for. It follows an upgrade of the
// chain with the first extrinsic that the node refuses for it.
func (c *Client) Version() substrate.RuntimeVersion { return *c.version.Load() }

// ErrNoBlock is returned for a height above the chain's head and for an
// unknown hash.
var ErrNoBlock = errors.New("no such block")

// HashAt is the hash of the block at a height.
func (c *Client) HashAt(ctx context.Context, number uint32) (substrate.H256, error) {
	var h *substrate.H256
	if err := c.conn.Call(ctx, &h, "chain_getBlockHash", number); err != nil {
		return substrate.H256{}, err
	}
	if h == nil {
		return substrate.H256{}, fmt.Errorf("block %d: %w", number, ErrNoBlock)
	}
	return *h, nil
}

// Header returns the header of a block; the best one for nil.
func (c *Client) Header(ctx context.Context, hash *substrate.H256) (substrate.Header, error) {
	var h *substrate.Header
	var params []any
	if hash != nil {
		params = append(params, *hash)
	}
	if err := c.conn.Call(ctx, &h, "chain_getHeader", params...); err != nil {
		return substrate.Header{}, err
	}
	if h == nil {
		return substrate.Header{}, ErrNoBlock
	}
	return *h, nil
}

// Height is the number of the best block.
func (c *Client) Height(ctx context.Context) (uint32, error) {
	h, err := c.Header(ctx, nil)
	return h.Number, err
}

// Body returns the extrinsics of a block with their length prefixes.
func (c *Client) Body(ctx context.Context, hash substrate.H256) ([][]byte, error) {
	var block *struct {
		Block struct {
			Extrinsics []hexBytes `json:"extrinsics"`
		} `json:"block"`
	}
	if err := c.conn.Call(ctx, &block, "chain_getBlock", hash); err != nil {
		return nil, err
	}
	if block == nil {
		return nil, ErrNoBlock
	}
	body := make([][]byte, len(block.Block.Extrinsics))
	for i, x := range block.Block.Extrinsics {
		body[i] = x
	}
	return body, nil
}

// SyncState tells how far the node is; `system_syncState`.
type SyncState struct {
	StartingBlock uint32 `json:"startingBlock"`
	CurrentBlock  uint32 `json:"currentBlock"`
	HighestBlock  uint32 `json:"highestBlock"`
}

// SyncState asks the node how far it is.
func (c *Client) SyncState(ctx context.Context) (s SyncState, err error) {
	err = c.conn.Call(ctx, &s, "system_syncState")
	return s, err
}

// Heads streams the headers of new blocks, the best one first, without gaps
// as long as the connection lasts. The caller closes the stream.
func (c *Client) Heads(ctx context.Context) (*Heads, error) {
	sub, err := c.conn.Subscribe(ctx, "chain_subscribeNewHeads", "chain_unsubscribeNewHeads")
	if err != nil {
		return nil, err
	}
	return &Heads{sub}, nil
}

// Heads is a stream of headers.
type Heads struct{ sub *jsonrpc.Subscription }

// Next waits for the next header.
func (h *Heads) Next(ctx context.Context) (substrate.Header, error) {
	var header substrate.Header
	select {
	case raw, ok := <-h.sub.C:
		if !ok {
			return header, h.sub.Err()
		}
		return header, json.Unmarshal(raw, &header)
	case <-ctx.Done():
		return header, ctx.Err()
	}
}

// Close ends the stream.
func (h *Heads) Close() { h.sub.Close() }

// hexBytes is a byte string in 0x-hex.
type hexBytes []byte

func (b hexBytes) MarshalText() ([]byte, error) { return []byte("0x" + hex.EncodeToString(b)), nil }

func (b *hexBytes) UnmarshalText(text []byte) error {
	digits, ok := strings.CutPrefix(string(text), "0x")
	if !ok {
		return fmt.Errorf("%.20q: 0x is missing", text)
	}
	v, err := hex.DecodeString(digits)
	*b = v
	return err
}
