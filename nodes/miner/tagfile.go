package miner

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/gocess/gocess/internal/durable"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/storage/podr2"
)

// PutTags stores the tags of a kept fragment durably.
func (s *Store) PutTags(fid, fragment types.Hash, tags *podr2.Tags) error {
	return durable.WriteFile(s.path(keptDir, fid, fragment)+tagSuffix, tags.Bytes(), 0o600)
}

// Tags reads the tags of a kept fragment: fs.ErrNotExist if there are none,
// podr2.ErrEncoding or podr2.ErrTags if they are damaged or another
// fragment's.
func (s *Store) Tags(fid, fragment types.Hash) (*podr2.Tags, error) {
	b, err := os.ReadFile(s.path(keptDir, fid, fragment) + tagSuffix)
	if err != nil {
		return nil, err
	}
	tags, err := podr2.ParseTags(b)
	if err != nil {
		return nil, err
	}
	if types.HashOf(tags.Name()) != fragment {
		return nil, fmt.Errorf("%w: they are those of %v", podr2.ErrTags, tags.Name())
	}
	return tags, nil
}

// DropTags removes the tags of a kept fragment.
func (s *Store) DropTags(fid, fragment types.Hash) error {
	return durable.Remove(s.path(keptDir, fid, fragment) + tagSuffix)
}

// tagged says whether a fragment has tags under a key.
func (s *Store) tagged(fid, fragment types.Hash, key podr2.KeyID) bool {
	tags, err := s.Tags(fid, fragment)
	return err == nil && tags.KeyID() == key
}

// tagKeys are the network's tag keys with the powers that proofs need, kept on
// disk so that proofs need no TEE worker.
type tagKeys struct {
	dir string

	mu    sync.Mutex
	known map[podr2.KeyID]*podr2.SRS // guarded by mu
}

func openTagKeys(dir string) *tagKeys {
	return &tagKeys{dir: dir, known: make(map[podr2.KeyID]*podr2.SRS)}
}

func (k *tagKeys) path(id podr2.KeyID) string {
	return filepath.Join(k.dir, "podr2-"+id.String()+".srs")
}

// get gives a key that is kept here. A damaged file counts as missing: it is
// asked for again.
func (k *tagKeys) get(id podr2.KeyID) (*podr2.SRS, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if srs, ok := k.known[id]; ok {
		return srs, true
	}
	b, err := os.ReadFile(k.path(id))
	if err != nil || len(b) <= podr2.PublicKeySize {
		return nil, false
	}
	srs, err := parseSRS(b[:podr2.PublicKeySize], b[podr2.PublicKeySize:])
	if err != nil || srs.Key().ID() != id {
		return nil, false
	}
	k.known[id] = srs
	return srs, true
}

// set keeps a key durably.
func (k *tagKeys) set(srs *podr2.SRS) error {
	id := srs.Key().ID()
	if err := durable.WriteFile(k.path(id), append(srs.Key().Bytes(), srs.Bytes()...), 0o600); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known[id] = srs
	return nil
}

func parseSRS(public, powers []byte) (*podr2.SRS, error) {
	key, err := podr2.ParsePublicKey(public)
	if err != nil {
		return nil, err
	}
	return podr2.ParseSRS(key, powers)
}
