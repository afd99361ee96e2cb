package consensus

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cometbft/cometbft/p2p"
)

// maxReserved bounds the peers that Reserve adds.
const maxReserved = 64

// redialEvery is how long a lost reserved peer waits to be dialled again.
const redialEvery = 10 * time.Second

// reserved are the peers that an operator asked for while the node runs. They
// are kept connected until they are given up, or the node stops.
type reserved struct {
	mu    sync.Mutex        // guards peers
	peers map[string]string // id@host:port by id

	wake chan struct{} // holds one: there is a new peer
	stop context.CancelFunc
	done chan struct{}
}

// start dials the peers until close.
func (r *reserved) start(sw p2p.Switcher) {
	ctx, cancel := context.WithCancel(context.Background())
	r.stop, r.done = cancel, make(chan struct{})
	go func() {
		defer close(r.done)
		ticker := time.NewTicker(redialEvery)
		defer ticker.Stop()
		for {
			// Errors are those of addresses that Reserve has seen to be right, or
			// that resolve again later.
			_ = sw.DialPeersAsync(r.missing(sw))
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			case <-r.wake:
			}
		}
	}()
}

func (r *reserved) close() {
	if r.stop != nil {
		r.stop()
		<-r.done
	}
}

func (r *reserved) missing(sw p2p.Switcher) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, id := range slices.Sorted(maps.Keys(r.peers)) {
		if !sw.Peers().Has(p2p.ID(id)) {
			out = append(out, r.peers[id])
		}
	}
	return out
}

// ErrPeerAddress is returned for what is no peer's address.
var ErrPeerAddress = errors.New("a peer's address is id@host:port")

// Reserve keeps a peer connected, id@host:port, until Unreserve or Close.
func (n *Node) Reserve(address string) error {
	id, _, ok := strings.Cut(address, "@")
	if !ok {
		return fmt.Errorf("%w, not %q", ErrPeerAddress, address)
	}
	if _, err := p2p.NewNetAddressString(address); err != nil {
		return fmt.Errorf("%w: %w", ErrPeerAddress, err)
	}
	if id == n.ID() {
		return fmt.Errorf("%w of another node, not of this one", ErrPeerAddress)
	}
	r := &n.reserved
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, again := r.peers[id]; !again && len(r.peers) >= maxReserved {
		return fmt.Errorf("%d peers are reserved already: remove one first", maxReserved)
	}
	if r.peers == nil {
		r.peers = make(map[string]string)
	}
	r.peers[id] = address
	select {
	case r.wake <- struct{}{}:
	default: // it is going to look anyway
	}
	return nil
}

// Unreserve no longer dials the peer with the id when it is lost. A connection
// that exists stays, and the peers of Config are kept connected all the same.
func (n *Node) Unreserve(id string) {
	n.reserved.mu.Lock()
	defer n.reserved.mu.Unlock()
	delete(n.reserved.peers, id)
}

// Reserved lists the ids of the peers that are kept connected, those of Config
// included.
func (n *Node) Reserved() []string {
	n.reserved.mu.Lock()
	defer n.reserved.mu.Unlock()
	ids := slices.Collect(maps.Keys(n.reserved.peers))
	for _, address := range n.cfg.P2P.Peers {
		id, _, _ := strings.Cut(address, "@")
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
