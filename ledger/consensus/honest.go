//go:build !cheat

package consensus

import cmtnode "github.com/cometbft/cometbft/node"

// cheats are the places at which a byzantine validator departs from the rules.
// In this build it never does; the build tag cheat makes validators for tests of
// the network's defences (cheat.go).
type cheats struct{}

func newCheats() (cheats, error) { return cheats{}, nil }

// extension is what is attached to a vote.
func (cheats) extension(_ Authority, ext []byte) []byte { return ext }

// trusts says whether an extension is accepted unseen.
func (cheats) trusts(Authority, address) bool { return false }

// proposesInvalid says whether a block is proposed that the node itself would
// reject.
func (cheats) proposesInvalid() bool { return false }

// gossip says how the node talks to its peers.
func (cheats) gossip(*app) []cmtnode.Option { return nil }
