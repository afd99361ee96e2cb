package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/metadata"
	"github.com/gocess/gocess/primitives/scale"
)

// storageItem is a storage entry and how its keys are made.
type storageItem struct {
	m       *metadata.Metadata
	pallet  *metadata.Pallet
	entry   *metadata.StorageEntry
	hashers []metadata.Hasher
	keys    []metadata.TypeID
}

func findItem(m *metadata.Metadata, p *metadata.Pallet, name string) (*storageItem, error) {
	storage, _ := p.Storage.Get()
	for i := range storage.Entries {
		e := &storage.Entries[i]
		if strings.EqualFold(e.Name, name) {
			hashers, keys, err := m.Keys(e)
			return &storageItem{m, p, e, hashers, keys}, err
		}
	}
	return nil, errors.New(missing("storage item", p.Name, name, storage.Entries,
		func(e metadata.StorageEntry) string { return e.Name }))
}

// missing says that a pallet lacks something, and what it has.
func missing[T any](what, pallet, name string, list []T, nameOf func(T) string) string {
	if len(list) == 0 {
		return fmt.Sprintf("pallet %s has no %s", pallet, what)
	}
	names := make([]string, len(list))
	for i, x := range list {
		names[i] = nameOf(x)
	}
	return fmt.Sprintf("pallet %s has no %s %q; it has %s", pallet, what, name, strings.Join(names, ", "))
}

func (i *storageItem) name() string { return i.pallet.Name + "." + i.entry.Name }

// parseKeys reads keys from their texts: all of them, or the first ones.
func (i *storageItem) parseKeys(texts []string) ([]any, error) {
	if len(texts) > len(i.keys) {
		if len(i.keys) == 0 {
			return nil, fmt.Errorf("%s takes no key", i.name())
		}
		return nil, fmt.Errorf("%s takes %d keys (%s), not %d", i.name(), len(i.keys), i.keyTypes(), len(texts))
	}
	keys := make([]any, len(texts))
	for n, text := range texts {
		v, err := argument(i.m, i.keys[n], text)
		if err != nil {
			return nil, fmt.Errorf("key %d of %s: %w", n+1, i.name(), err)
		}
		// As it will be shown, and as early as possible, if it does not fit.
		b, err := i.m.EncodeValue(i.keys[n], v, format)
		if err != nil {
			return nil, fmt.Errorf("key %d of %s: %w", n+1, i.name(), err)
		}
		if keys[n], err = i.decode(i.keys[n], b); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func (i *storageItem) keyTypes() string {
	names := make([]string, len(i.keys))
	for n, id := range i.keys {
		names[n] = i.m.TypeName(id)
	}
	return strings.Join(names, ", ")
}

// key is the storage key of an entry, or what the keys of all entries with
// the given first keys begin with.
func (i *storageItem) key(keys []any) ([]byte, error) {
	storage, _ := i.pallet.Storage.Get()
	pallet, item := crypto.Twox128([]byte(storage.Prefix)), crypto.Twox128([]byte(i.entry.Name))
	key := append(pallet[:], item[:]...)
	for n, k := range keys {
		b, err := i.m.EncodeValue(i.keys[n], k, format)
		if err != nil {
			return nil, fmt.Errorf("key %d of %s: %w", n+1, i.name(), err)
		}
		if key, err = appendHashed(key, i.hashers[n], b); err != nil {
			return nil, err
		}
	}
	return key, nil
}

// appendHashed appends a key's part of the storage key (spec/wire.md §2.1).
func appendHashed(dst []byte, h metadata.Hasher, key []byte) ([]byte, error) {
	switch h {
	case metadata.Blake2_128:
		sum := crypto.Blake2b128(key)
		return append(dst, sum[:]...), nil
	case metadata.Blake2_256:
		sum := crypto.Blake2b256(key)
		return append(dst, sum[:]...), nil
	case metadata.Blake2_128Concat:
		sum := crypto.Blake2b128(key)
		return append(append(dst, sum[:]...), key...), nil
	case metadata.Twox128:
		sum := crypto.Twox128(key)
		return append(dst, sum[:]...), nil
	case metadata.Twox256:
		sum := crypto.Twox256(key)
		return append(dst, sum[:]...), nil
	case metadata.Twox64Concat:
		sum := crypto.Twox64(key)
		return append(append(dst, sum[:]...), key...), nil
	case metadata.Identity:
		return append(dst, key...), nil
	}
	return nil, fmt.Errorf("unknown hasher %v", h)
}

// digestLen is the number of bytes that a hasher puts into a storage key, and
// whether the key itself follows.
func digestLen(h metadata.Hasher) (n int, keyFollows bool) {
	switch h {
	case metadata.Blake2_128, metadata.Twox128:
		return 16, false
	case metadata.Blake2_256, metadata.Twox256:
		return 32, false
	case metadata.Blake2_128Concat:
		return 16, true
	case metadata.Twox64Concat:
		return 8, true
	}
	return 0, true
}

// parseKey takes a storage key apart. A key that was hashed away shows as its
// hash.
func (i *storageItem) parseKey(key []byte) ([]any, error) {
	const prefix = 32
	if len(key) < prefix {
		return nil, fmt.Errorf("%s: storage key of %d bytes", i.name(), len(key))
	}
	d := scale.NewDecoder(key[prefix:])
	parts := make([]any, len(i.keys))
	for n, id := range i.keys {
		size, follows := digestLen(i.hashers[n])
		sum, err := d.Bytes(size)
		if err != nil {
			return nil, fmt.Errorf("%s: storage key: %w", i.name(), err)
		}
		if !follows {
			parts[n] = fmt.Sprintf("0x%x", sum)
			continue
		}
		v, err := i.m.DecodeValueFrom(d, id, format)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", i.name(), err)
		}
		parts[n] = present(i.m, id, v)
	}
	return parts, d.Finish()
}

func (i *storageItem) value(raw []byte) (any, error) {
	v, err := i.decode(i.entry.Value(), raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", i.name(), err)
	}
	return v, nil
}

func (i *storageItem) decode(id metadata.TypeID, raw []byte) (any, error) {
	v, err := i.m.DecodeValue(id, raw, format)
	if err != nil {
		return nil, err
	}
	return present(i.m, id, v), nil
}
