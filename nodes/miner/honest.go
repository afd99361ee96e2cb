//go:build !cheat

package miner

import (
	"context"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/storage/podr2"
	"github.com/gocess/gocess/storage/pois/store"
)

// cheats are the places at which a dishonest miner departs from the rules. In
// this build it never does; the build tag cheat makes miners for tests of the
// network's defences (cheat.go).
type cheats struct{}

func newCheats(substrate.AccountID) (cheats, error) { return cheats{}, nil }

// tagged is told of a fragment that the chain counts.
func (cheats) tagged(*Store, types.Hash, types.Hash) error { return nil }

// certified is told of a store with a newly certified set.
func (cheats) certified(*store.Store) error { return nil }

// replaces says whether idle files are deleted when data takes their place.
func (cheats) replaces() bool { return true }

// forgets says whether fragments are deleted with their file.
func (cheats) forgets() bool { return true }

// besides are fragments that the miner proves besides those that the chain
// counts.
func (cheats) besides(context.Context, *Miner, *look, podr2.KeyID) ([]podr2.Name, error) {
	return nil, nil
}

// content opens a fragment for a proof.
func (cheats) content(c Content, err error) (Content, error) { return c, err }

// mayProve says whether a proof is submitted now, when slip is the last block
// in which it counts.
func (cheats) mayProve(context.Context, *look, types.BlockNumber) bool { return true }

// late says whether proofs are submitted after their deadline.
func (cheats) late() bool { return false }

// serviceProof is the proof that is submitted.
func (cheats) serviceProof(_ context.Context, _ *look, proof []byte) ([]byte, error) {
	return proof, nil
}

// verdict is what the chain is told of a service verdict.
func (cheats) verdict(_ *look, _ []byte, v serviceVerdict) serviceVerdict { return v }

// repairs says whether lost data is looked for.
func (cheats) repairs() bool { return true }
