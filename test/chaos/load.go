package chaos

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

const (
	// loadAccounts send the transfers.
	loadAccounts = 20
	// maxPending is how many transfers of an account may wait for a block: a
	// node keeps some hundreds of an account. Above it, the account waits.
	maxPending = 200
	// resendAfter is when a transfer that is in no block is sent again, to
	// another node: a node that was killed forgot it.
	resendAfter = 8 * time.Second
)

// amount of every transfer, in planck: more than the existential deposit, so that
// recipients exist after the first one.
var amount = scale.U128From64(2_000_000_000_000_000_000)

func senderURI(i int) string { return fmt.Sprintf("//Chaos//%d", i) }

// Load is a stream of transfers over all nodes.
type Load struct {
	net      *Network
	clients  []atomic.Pointer[sdk.Client]
	genesis  substrate.H256
	versions runtime.SpecVersion
	senders  []*sender

	refused, unanswered, heldBack, resent atomic.Uint64

	mu     sync.Mutex                 // guards owners
	owners map[substrate.H256]*sender // of transfers in no block yet
}

// NewLoad prepares the accounts.
func NewLoad(ctx context.Context, n *Network) (*Load, error) {
	l := &Load{net: n, clients: make([]atomic.Pointer[sdk.Client], len(n.Nodes)), owners: make(map[substrate.H256]*sender)}
	c, err := l.client(ctx, 0)
	if err != nil {
		return nil, err
	}
	v := c.Version()
	l.genesis, l.versions = c.Genesis(), runtime.SpecVersion{Spec: v.SpecVersion, Transaction: v.TransactionVersion}
	for i := range loadAccounts {
		key, err := crypto.FromURI(crypto.Sr25519, senderURI(i))
		if err != nil {
			return nil, err
		}
		l.senders = append(l.senders, &sender{
			load: l, key: key, recipient: crypto.Blake2b256([]byte("chaos recipient"), []byte{byte(i)}), node: i % len(n.Nodes),
		})
	}
	return l, nil
}

// client is the connection with a node, made anew when there is none.
func (l *Load) client(ctx context.Context, node int) (*sdk.Client, error) {
	if c := l.clients[node].Load(); c != nil {
		return c, nil
	}
	c, err := l.net.Dial(ctx, l.net.Nodes[node])
	if err != nil {
		return nil, err
	}
	if !l.clients[node].CompareAndSwap(nil, c) {
		_ = c.Close() // another sender was faster
	}
	return l.clients[node].Load(), nil
}

func (l *Load) close() {
	for i := range l.clients {
		if c := l.clients[i].Swap(nil); c != nil {
			_ = c.Close() // what is not in a block is not waited for
		}
	}
}

// run sends so many transfers per second until ctx ends.
func (l *Load) run(ctx context.Context, perSecond int) {
	var wg sync.WaitGroup
	every := time.Second * loadAccounts / time.Duration(perSecond)
	for i, s := range l.senders {
		wg.Go(func() {
			time.Sleep(every * time.Duration(i) / loadAccounts)
			ticker := time.NewTicker(every)
			defer ticker.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-ticker.C:
				}
				s.tick(ctx, true)
			}
		})
	}
	wg.Wait()
}

// drain waits until every transfer is in a block; it makes no new ones.
func (l *Load) drain(ctx context.Context) error {
	for {
		waiting := 0
		for _, s := range l.senders {
			s.tick(ctx, false)
			s.mu.Lock()
			waiting += len(s.pending)
			s.mu.Unlock()
		}
		if waiting == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d transfers that were sent are in no block", waiting)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// onBlock takes transfers off that a block includes.
func (l *Load) onBlock(_ uint32, extrinsics []substrate.H256) {
	for _, hash := range extrinsics {
		l.mu.Lock()
		s := l.owners[hash]
		delete(l.owners, hash)
		l.mu.Unlock()
		if s == nil {
			continue
		}
		s.mu.Lock()
		s.pending = slices.DeleteFunc(s.pending, func(t transfer) bool { return t.hash == hash })
		s.done++
		s.mu.Unlock()
	}
}

// settle compares the accounts with what was included: every transfer was
// executed once. It reads them from one node.
func (l *Load) settle(ctx context.Context, c *sdk.Client) error {
	for i, s := range l.senders {
		s.mu.Lock()
		nonce, done := s.nonce, s.done
		s.mu.Unlock()
		info, _, err := sdk.Find(ctx, c.Best(), system.Accounts, s.key.AccountID())
		if err != nil {
			return err
		}
		got, _, err := sdk.Find(ctx, c.Best(), system.Accounts, s.recipient)
		if err != nil {
			return err
		}
		want := amount.SaturatingMul(scale.U128From64(done))
		if info.Nonce != nonce || uint64(nonce) != done || got.Data.Free != want {
			return fmt.Errorf("account %d has nonce %d and its recipient %v planck; %d transfers were signed and %d included, which makes %v",
				i, info.Nonce, got.Data.Free, nonce, done, want)
		}
	}
	return nil
}

// total is the number of transfers in blocks.
func (l *Load) total() (n uint64) {
	for _, s := range l.senders {
		s.mu.Lock()
		n += s.done
		s.mu.Unlock()
	}
	return n
}
