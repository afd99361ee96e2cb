package validator

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/gocess/gocess/ledger/consensus"
	"github.com/gocess/gocess/primitives/crypto"
)

// sessionKeys are the keys that the node signs with. A key that is there and
// cannot be used is logged, once for each reason.
type sessionKeys struct {
	*crypto.SessionKeystore
	log *slog.Logger

	mu     sync.Mutex
	logged map[string]string
}

var _ consensus.Keys = (*sessionKeys)(nil)

// openKeys opens the keystore and adds the configuration's own keys.
func (c *Config) openKeys() (*sessionKeys, error) {
	store, err := crypto.OpenSessionKeystore(c.Keystore)
	if err != nil {
		return nil, err
	}
	for _, p := range c.Keys {
		for _, kind := range crypto.KeyTypes {
			if kind.Scheme() != p.Scheme() {
				continue
			}
			if err := store.Hold(kind, p); err != nil {
				return nil, err
			}
		}
	}
	return &sessionKeys{SessionKeystore: store, log: c.Logger, logged: make(map[string]string)}, nil
}

// Pair finds the key that signs votes or makes randomness.
func (k *sessionKeys) Pair(scheme crypto.Scheme, public []byte) (crypto.Pair, bool) {
	kind := crypto.Babe
	if scheme == crypto.Ed25519 {
		kind = crypto.Grandpa
	}
	pair, err := k.Get(kind, public)
	if err == nil || errors.Is(err, crypto.ErrKeyNotFound) {
		return pair, err == nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if why := err.Error(); k.logged[string(public)] != why {
		k.logged[string(public)] = why
		k.log.Error("a session key of this node cannot be used", "kind", kind, "key", hexKey(public), "err", err)
	}
	return nil, false
}

// any says whether the node could vote.
func (k *sessionKeys) any() bool {
	list, err := k.List(crypto.Grandpa)
	return err == nil && len(list) > 0
}

// votingKeys lists the keys that could sign votes, in hex.
func (k *sessionKeys) votingKeys() ([]string, error) {
	list, err := k.List(crypto.Grandpa)
	if err != nil {
		return nil, fmt.Errorf("read keystore: %w", err)
	}
	keys := []string{}
	for _, public := range list {
		keys = append(keys, hexKey(public))
	}
	return keys, nil
}
