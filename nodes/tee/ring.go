package tee

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// ring holds the secrets of the network that this worker knows. What it gets it
// puts into the vault first.
type ring struct {
	vault    *vault
	identity *keyPair

	mu      sync.RWMutex
	masters map[[32]byte]*master // guarded by mu; by public key
	inUse   [32]byte             // guarded by mu; public key on chain, zero if none
	tagger  *taggerV2            // guarded by mu; nil if unknown
	onChain []byte               // guarded by mu; public key of version 2 on chain, nil if none
}

// openRing loads all keys.
func openRing(v *vault, identity *keyPair) (*ring, error) {
	r := &ring{vault: v, identity: identity}
	var err error
	if r.masters, err = v.masters(identity); err != nil {
		return nil, err
	}
	r.tagger, err = v.tagger(identity)
	return r, err
}

// addMaster keeps a master key.
func (r *ring) addMaster(m *master) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.masters[m.sign.public]; known {
		return nil
	}
	if err := r.vault.putMaster(r.identity, m); err != nil {
		return err
	}
	r.masters[m.sign.public] = m
	return nil
}

// setTagger keeps the key of version 2.
func (r *ring) setTagger(t *taggerV2) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tagger != nil && r.tagger.seed == t.seed {
		return nil
	}
	if err := r.vault.putTagger(r.identity, t); err != nil {
		return err
	}
	r.tagger = t
	return nil
}

// takeTagger keeps another worker's key of version 2 if this one has none, or
// if it is the one on chain.
func (r *ring) takeTagger(t *taggerV2) error {
	r.mu.RLock()
	useful := r.tagger == nil || bytes.Equal(t.key.Public().Bytes(), r.onChain)
	r.mu.RUnlock()
	if !useful {
		return nil
	}
	return r.setTagger(t)
}

// use says which master key is in use on chain; zero for none.
func (r *ring) use(public [32]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inUse = public
}

// current is the master key in use, nil if there is none or it is unknown here.
func (r *ring) current() *master {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.masters[r.inUse]
}

// get is a master key by its public key, or nil.
func (r *ring) get(public [32]byte) *master {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.masters[public]
}

// all are the master keys, the one in use first, in a stable order.
func (r *ring) all() []*master {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := make([]*master, 0, len(r.masters))
	for _, m := range r.masters {
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b *master) int {
		switch {
		case a.sign.public == r.inUse:
			return -1
		case b.sign.public == r.inUse:
			return 1
		}
		return slices.Compare(a.sign.public[:], b.sign.public[:])
	})
	return out
}

// unused are the master keys that are not in a list: those made for a launch
// that the chain has not settled.
func (r *ring) unused(settled [][32]byte) *master {
	for _, m := range r.all() {
		if !slices.Contains(settled, m.sign.public) {
			return m
		}
	}
	return nil
}

// publish says which key of version 2 the chain knows; nil for none.
func (r *ring) publish(public []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.onChain = public
}

// published is the key of version 2 if the chain knows it, else nil.
func (r *ring) published() *taggerV2 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.tagger == nil || !bytes.Equal(r.tagger.key.Public().Bytes(), r.onChain) {
		return nil
	}
	return r.tagger
}

// version2 is the key of version 2, nil if unknown.
func (r *ring) version2() *taggerV2 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.tagger
}

// export is what another worker gets.
func (r *ring) export() ([]byte, error) {
	m := r.current()
	if m == nil {
		return nil, errors.New("hand over the master key: it is unknown here")
	}
	b := bundle{der: m.der}
	if t := r.version2(); t != nil {
		b.tagger = &t.seed
	}
	raw, err := b.bytes()
	for _, other := range r.all() {
		if other == m || err != nil {
			continue
		}
		b.earlier = append(b.earlier, other.der)
		more, err := b.bytes()
		if err != nil || len(more) > maxExport {
			break
		}
		raw = more
	}
	return raw, err
}

// adopt takes over what another worker sent. The master key must be the one
// that the chain wants, which authenticates all of it.
func (r *ring) adopt(raw []byte, want [32]byte) error {
	b, err := parseBundle(raw)
	if err != nil {
		return err
	}
	m, err := newMaster(b.der)
	if err != nil {
		return fmt.Errorf("%w: %w", errBundle, err)
	}
	if m.sign.public != want {
		return fmt.Errorf("%w: it holds the master key %s, the chain's is %x", errBundle, m.sign, want)
	}
	for _, der := range b.earlier {
		earlier, err := newMaster(der)
		if err != nil {
			return fmt.Errorf("%w: earlier key: %w", errBundle, err)
		}
		if err := r.addMaster(earlier); err != nil {
			return err
		}
	}
	if b.tagger != nil {
		t, err := newTaggerV2(*b.tagger)
		if err != nil {
			return fmt.Errorf("%w: tagger: %w", errBundle, err)
		}
		if err := r.takeTagger(t); err != nil {
			return err
		}
	}
	return r.addMaster(m) // last: with it the worker counts as provided
}

// ready is the master key that results are signed with.
func (w *Worker) ready() (*master, error) {
	if m := w.ring.current(); m != nil {
		return m, nil
	}
	return nil, status.Error(codes.Unavailable, "this worker does not have the network's master key yet")
}
