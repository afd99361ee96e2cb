//go:build cheat

package consensus

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/cometbft/cometbft/consensus"
	cmtnode "github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"

	"github.com/gocess/gocess/ledger/types"
)

// The ways to cheat, for tests of the network's defences. The environment
// variable CESS_VALIDATOR_CHEAT names one for all validators of the process, or
// one for each of several: stash=way,stash=way.
const (
	doubleVote            = "double-vote"            // two prevotes in each round, for different blocks
	invalidExtension      = "invalid-extension"      // a vote extension whose VRF proof is wrong
	oversizedExtension    = "oversized-extension"    // a vote extension of 64 KiB
	withheldExtension     = "withheld-extension"     // no randomness with the vote
	equivocatingProposals = "equivocating-proposals" // half of the peers are sent another block
	cheatVariable         = "CESS_VALIDATOR_CHEAT"
)

var ways = []string{doubleVote, invalidExtension, oversizedExtension, withheldExtension, equivocatingProposals}

// cheats is what the validators of the process do against the rules, by the
// address of their stash; "" stands for all.
type cheats struct {
	ways map[string]string
	*lies
}

// lies count what peers were told.
type lies struct{ votes, proposals atomic.Int64 }

// newCheats reads the environment.
func newCheats() (cheats, error) {
	c := cheats{ways: map[string]string{}, lies: new(lies)}
	for item := range strings.SplitSeq(os.Getenv(cheatVariable), ",") {
		address, way, named := strings.Cut(strings.TrimSpace(item), "=")
		if !named {
			address, way = "", address
		}
		if way == "" {
			continue
		}
		if !slices.Contains(ways, way) {
			return c, fmt.Errorf("%s: %q is none of %s", cheatVariable, way, strings.Join(ways, ", "))
		}
		c.ways[address] = way
	}
	return c, nil
}

func (c cheats) way(who Authority) string {
	if way, ok := c.ways[types.Address(who.Account).String()]; ok {
		return way
	}
	return c.ways[""]
}

func (c cheats) extension(who Authority, ext []byte) []byte {
	switch c.way(who) {
	case invalidExtension:
		bad := bytes.Clone(ext)
		if len(bad) > 0 {
			bad[len(bad)/2] ^= 1
		}
		return bad
	case oversizedExtension:
		return make([]byte, 64<<10)
	case withheldExtension:
		return nil
	}
	return ext
}

// trusts is true for the node's own extensions if they are wrong on purpose:
// CometBFT checks them before it sends them.
func (c cheats) trusts(who Authority, self address) bool {
	way := c.way(who)
	return addressOf(who.Grandpa) == self && (way == invalidExtension || way == oversizedExtension)
}

// proposesInvalid is true: a validator that counts its own bad extensions may be
// left with too few good ones, and goes on.
func (cheats) proposesInvalid() bool { return true }

// gossip puts a reactor in the place of CometBFT's that changes what is sent.
func (c cheats) gossip(a *app) []cmtnode.Option {
	if len(c.ways) == 0 {
		return nil
	}
	const name = "CONSENSUS"
	return []cmtnode.Option{func(n *cmtnode.Node) {
		r, _ := n.Switch().Reactor(name)
		inner, ok := r.(*consensus.Reactor)
		if !ok {
			return
		}
		n.Switch().RemoveReactor(name, inner)
		n.Switch().AddReactor(name, &twoFacedReactor{Reactor: inner, app: a})
	}}
}

// twoFacedReactor is CometBFT's gossip over peers that are told other things
// than it says.
type twoFacedReactor struct {
	*consensus.Reactor
	app   *app
	peers int
}

// InitPeer implements p2p.Reactor. The switch calls it for one peer at a time.
func (r *twoFacedReactor) InitPeer(peer p2p.Peer) p2p.Peer {
	r.peers++
	r.Reactor.InitPeer(&twoFacedPeer{Peer: peer, app: r.app, deceived: r.peers%2 == 0})
	return peer
}

// self is the validator that the node is, and its way to cheat.
func (a *app) self() (Authority, string, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	me, ok := a.record.deciding(1).find(a.signer.current())
	return me, a.cheats.way(me), ok
}
