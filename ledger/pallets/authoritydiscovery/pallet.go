// Package authoritydiscovery lists the keys by which validators would find
// each other's network addresses: those of the current and of the next
// session.
package authoritydiscovery

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

const (
	name  = "AuthorityDiscovery"
	index = 24
)

// Storage.
var (
	// Keys are those of the validators of the current session, in their order.
	Keys = runtime.NewValue[scale.WeakBoundedVec[types.AuthorityDiscoveryKey, KeyBound]](name, "Keys")

	// NextKeys are those of the validators of the next session.
	NextKeys = runtime.NewValue[scale.WeakBoundedVec[types.AuthorityDiscoveryKey, KeyBound]](name, "NextKeys")
)

// Pallet is the declaration page of AuthorityDiscovery: its wire format, item
// by item.
var Pallet = &runtime.Pallet{
	Name:    name,
	Index:   index,
	Storage: []runtime.StorageItem{Keys, NextKeys},
}

// KeyBound is the most validators that a session has.
type KeyBound struct{}

func (KeyBound) Max() int { return 1_000 }
