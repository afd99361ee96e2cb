package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/gocess/gocess/ledger/pallets/system"
	lruntime "github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// TransferConfig shapes the load on a chain.
type TransferConfig struct {
	// Node is the WebSocket address of the node.
	Node string
	// Accounts send to one another. Default 1000.
	Accounts int
	// Warmup is not measured; Duration is. Defaults 5 s and 60 s.
	Warmup, Duration time.Duration
	// Window is the number of transfers that are sent and not in a block.
	// Default 20,000.
	Window int
	// PreSigned is the number of transfers that are signed before the load
	// begins. Further ones are signed meanwhile, at the cost of the rate.
	PreSigned int
	// Fund, if set, gives the accounts what they need; on a chain made for the
	// benchmark they have it.
	Fund sdk.Signer
	// Progress, if set, is told of every block.
	Progress func(Block)
}

// Complete fills in defaults and refuses what cannot work.
func (c *TransferConfig) Complete() error {
	setDefault(&c.Accounts, 1000)
	setDefault(&c.Warmup, 5*time.Second)
	setDefault(&c.Duration, time.Minute)
	setDefault(&c.Window, 20_000)
	if c.Accounts < batchSize || c.Window < batchSize || c.PreSigned < 0 || c.Warmup < 0 || c.Duration < 0 {
		return fmt.Errorf("bench: at least %d accounts, as large a window, and no negative number", batchSize)
	}
	// A node keeps a few hundred of an account's extrinsics that arrive out of
	// order.
	if c.Window/c.Accounts > 200 {
		return fmt.Errorf("bench: a window of %d needs at least %d accounts", c.Window, c.Window/200)
	}
	return nil
}

func setDefault[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

// Block is a block as the benchmark sees it.
type Block struct {
	Number   uint32
	At       time.Time // when its header arrived
	Included int       // transfers since the beginning, this block's included
	Fullness float64   // share of the weight open to normal extrinsics
	hash     substrate.H256
}

// TransferResult is what came of the load. The measured time is that between
// two blocks; all transfers in it are final and succeeded.
type TransferResult struct {
	Transfers  int
	Elapsed    time.Duration
	Blocks     int
	TxBytes    int     // length of a transfer
	Fullness   float64 // mean share of a block's weight
	SlowestTen float64 // transfers/s in the slowest ten seconds
	Generator  time.Duration
	Node       Usage         // of the node, if its PID is known: peak
	NodeCPU    time.Duration // of the node, in the measured time
}

// Rate is transfers per second.
func (r *TransferResult) Rate() float64 { return float64(r.Transfers) / r.Elapsed.Seconds() }

// load is a running benchmark.
type load struct {
	cfg    TransferConfig
	client *sdk.Client
	ring   *ring
	whos   []substrate.AccountID

	txBytes int // length of a transfer, with its prefix

	mu       sync.Mutex
	sent     int        // guarded by mu
	included int        // guarded by mu
	room     *sync.Cond // of mu; included grew, or the load ended
	ended    bool       // guarded by mu
}

// Transfers drives a chain with signed transfers as fast as it takes them and
// measures what becomes final. pid is the node's process, 0 if unknown.
func Transfers(ctx context.Context, cfg TransferConfig, pid int) (*TransferResult, error) {
	if err := cfg.Complete(); err != nil {
		return nil, err
	}
	l := &load{cfg: cfg}
	l.room = sync.NewCond(&l.mu)
	var err error
	if l.client, err = sdk.Dial(ctx, cfg.Node); err != nil {
		return nil, err
	}
	defer l.client.Close()
	if err := l.prepare(ctx); err != nil {
		return nil, err
	}
	one, err := l.ring.sign(0)
	if err != nil {
		return nil, err
	}
	l.txBytes = len(one)
	signed, err := l.ring.signMany(ctx, 0, cfg.PreSigned)
	if err != nil {
		return nil, err
	}
	return l.run(ctx, signed, pid)
}

func (l *load) prepare(ctx context.Context) error {
	keys, err := accounts(l.cfg.Accounts)
	if err != nil {
		return err
	}
	if l.cfg.Fund != nil {
		if err := fund(ctx, l.client, l.cfg.Fund, keys); err != nil {
			return err
		}
	}
	v := l.client.Version()
	l.ring = &ring{
		keys: keys, genesis: l.client.Genesis(),
		versions: lruntime.SpecVersion{Spec: v.SpecVersion, Transaction: v.TransactionVersion},
	}
	l.whos = accountIDs(keys)
	l.ring.nonces, err = l.nonces(ctx)
	return err
}

// nonces reads the next nonce of every account. The node's pool must not hold
// transfers of theirs: they would take the nonces.
func (l *load) nonces(ctx context.Context) ([]uint32, error) {
	infos, err := sdk.FindMany(ctx, l.client.Best(), system.Accounts, l.whos)
	if err != nil {
		return nil, err
	}
	nonces := make([]uint32, len(l.whos))
	for i, who := range l.whos {
		info, ok := infos[who]
		if !ok {
			return nil, fmt.Errorf("bench: account %d of %d is not on the chain", i, len(l.whos))
		}
		nonces[i] = info.Nonce
		var next uint32
		if err := l.client.RPC().Call(ctx, &next, "system_accountNextIndex", who); err != nil {
			return nil, err
		}
		if next != info.Nonce {
			return nil, errors.New("bench: the node's pool still holds transfers of an earlier run; wait until they are in blocks")
		}
	}
	return nonces, nil
}

func accountIDs(keys []crypto.Pair) []substrate.AccountID {
	ids := make([]substrate.AccountID, len(keys))
	for i, k := range keys {
		ids[i] = k.AccountID()
	}
	return ids
}

func (l *load) run(ctx context.Context, signed [][]byte, pid int) (*TransferResult, error) {
	s, err := dialSender(ctx, l.cfg.Node)
	if err != nil {
		return nil, err
	}
	defer s.close()
	heads, err := l.client.Heads(ctx)
	if err != nil {
		return nil, err
	}
	defer heads.Close()
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.run(gctx, l.source(signed)) })
	m := &meter{load: l, pid: pid}
	g.Go(func() error { return m.watch(gctx, heads) })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return m.result(ctx)
}

func (l *load) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	l.room.Broadcast()
}

// source gives the sender its next batch as soon as the window has room, and
// nothing when the sender's context has ended.
func (l *load) source(signed [][]byte) func(context.Context) ([][]byte, error) {
	var once sync.Once
	return func(ctx context.Context) ([][]byte, error) {
		once.Do(func() { context.AfterFunc(ctx, l.end) })
		l.mu.Lock()
		for !l.ended && l.sent-l.included+batchSize > l.cfg.Window {
			l.room.Wait()
		}
		if l.ended {
			l.mu.Unlock()
			return nil, ctx.Err()
		}
		from := l.sent
		l.sent += batchSize
		l.mu.Unlock()
		if from+batchSize > len(signed) {
			const more = 20 * batchSize
			fresh, err := l.ring.signMany(ctx, len(signed), len(signed)+more)
			if err != nil {
				return nil, err
			}
			signed = append(signed, fresh...)
		}
		batch := append([][]byte(nil), signed[from:from+batchSize]...)
		clear(signed[from : from+batchSize]) // sent once
		return batch, nil
	}
}
