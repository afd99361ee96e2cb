package sdk

import (
	"context"
	"fmt"

	"github.com/gocess/gocess/primitives/substrate"
)

// At is the state after one block.
type At struct {
	c    *Client
	hash *substrate.H256 // nil: the best block of the moment
}

// Best is the state after the best block of the moment, which is final.
func (c *Client) Best() At { return At{c: c} }

// At is the state after a given block.
func (c *Client) At(hash substrate.H256) At { return At{c, &hash} }

// AtHeight is the state after the block at a height.
func (c *Client) AtHeight(ctx context.Context, number uint32) (At, error) {
	hash, err := c.HashAt(ctx, number)
	return At{c, &hash}, err
}

// params appends the block to a method's parameters.
func (a At) params(p ...any) []any {
	if a.hash != nil {
		p = append(p, *a.hash)
	}
	return p
}

// Raw reads a storage key; nil when absent.
func (a At) Raw(ctx context.Context, key []byte) ([]byte, error) {
	var value *hexBytes
	if err := a.c.conn.Call(ctx, &value, "state_getStorage", a.params(hexBytes(key))...); err != nil {
		return nil, err
	}
	if value == nil {
		return nil, nil
	}
	return append([]byte{}, *value...), nil
}

// decoder is the part of a storage item that reads values.
type decoder[V any] interface {
	DecodeValue([]byte) (V, error)
	DefaultValue() V
}

// Plain is a storage item without key: runtime.Value, runtime.OptionalValue.
type Plain[V any] interface {
	decoder[V]
	Key() []byte
}

// Map is a storage item with one key: runtime.Map, runtime.OptionalMap.
type Map[K, V any] interface {
	decoder[V]
	Key(K) []byte
	DecodeKey([]byte) (K, error)
	Prefix() []byte
}

// DoubleMap is a storage item with two keys.
type DoubleMap[K1, K2, V any] interface {
	decoder[V]
	Key(K1, K2) []byte
	DecodeKey([]byte) (K1, K2, error)
	Prefix() []byte
	PrefixOf(K1) []byte
}

// TripleMap is a storage item with three keys.
type TripleMap[K1, K2, K3, V any] interface {
	decoder[V]
	Key(K1, K2, K3) []byte
}

// Get reads a plain item; its default when absent.
func Get[V any](ctx context.Context, at At, item Plain[V]) (V, error) {
	v, _, err := read[V](ctx, at, item, item.Key())
	return v, err
}

// Find reads an entry of a map and whether it is stored; when not, the item's
// default.
func Find[K, V any](ctx context.Context, at At, item Map[K, V], k K) (V, bool, error) {
	return read[V](ctx, at, item, item.Key(k))
}

// FindPair reads an entry of a double map and whether it is stored.
func FindPair[K1, K2, V any](ctx context.Context, at At, item DoubleMap[K1, K2, V], k1 K1, k2 K2) (V, bool, error) {
	return read[V](ctx, at, item, item.Key(k1, k2))
}

// FindTriple reads an entry of a map with three keys and whether it is stored.
func FindTriple[K1, K2, K3, V any](ctx context.Context, at At, item TripleMap[K1, K2, K3, V], k1 K1, k2 K2, k3 K3) (V, bool, error) {
	return read[V](ctx, at, item, item.Key(k1, k2, k3))
}

func read[V any](ctx context.Context, at At, item decoder[V], key []byte) (V, bool, error) {
	raw, err := at.Raw(ctx, key)
	if err != nil || raw == nil {
		return item.DefaultValue(), false, err
	}
	v, err := item.DecodeValue(raw)
	return v, err == nil, err
}

// Entry is one pair of a map.
type Entry[K, V any] struct {
	Key   K
	Value V
}

// List reads a whole map in the order of its storage keys. It reads in pages;
// at a fixed block the result is consistent.
func List[K, V any](ctx context.Context, at At, item Map[K, V]) ([]Entry[K, V], error) {
	var out []Entry[K, V]
	err := at.pairs(ctx, item.Prefix(), func(key, value []byte) error {
		k, err := item.DecodeKey(key)
		if err != nil {
			return err
		}
		v, err := item.DecodeValue(value)
		out = append(out, Entry[K, V]{k, v})
		return err
	})
	return out, err
}

// ListPrefix reads the entries of k1 of a double map.
func ListPrefix[K1, K2, V any](ctx context.Context, at At, item DoubleMap[K1, K2, V], k1 K1) ([]Entry[K2, V], error) {
	var out []Entry[K2, V]
	err := at.pairs(ctx, item.PrefixOf(k1), func(key, value []byte) error {
		_, k2, err := item.DecodeKey(key)
		if err != nil {
			return err
		}
		v, err := item.DecodeValue(value)
		out = append(out, Entry[K2, V]{k2, v})
		return err
	})
	return out, err
}

// pageSize is the most keys that nodes return at once (spec/wire.md §2.5).
const pageSize = 1000

func (a At) pairs(ctx context.Context, prefix []byte, fn func(key, value []byte) error) error {
	if a.hash == nil {
		// One block for all pages.
		var hash substrate.H256
		if err := a.c.conn.Call(ctx, &hash, "chain_getBlockHash"); err != nil {
			return err
		}
		a.hash = &hash
	}
	start := hexBytes(prefix)
	for {
		var keys []hexBytes
		if err := a.c.conn.Call(ctx, &keys, "state_getKeysPaged", hexBytes(prefix), pageSize, start, *a.hash); err != nil {
			return err
		}
		if len(keys) == 0 {
			return nil
		}
		if err := a.values(ctx, keys, fn); err != nil {
			return err
		}
		if len(keys) < pageSize {
			return nil
		}
		start = keys[len(keys)-1]
	}
}

func (a At) values(ctx context.Context, keys []hexBytes, fn func(key, value []byte) error) error {
	var sets []struct {
		Changes [][2]*hexBytes `json:"changes"`
	}
	if err := a.c.conn.Call(ctx, &sets, "state_queryStorageAt", keys, *a.hash); err != nil {
		return err
	}
	for _, set := range sets {
		for _, change := range set.Changes {
			if change[0] == nil || change[1] == nil {
				continue
			}
			if err := fn(*change[0], *change[1]); err != nil {
				return fmt.Errorf("key 0x%x: %w", []byte(*change[0]), err)
			}
		}
	}
	return nil
}

// FindMany reads several entries of a map in one question; those that are not
// stored are missing in the result.
func FindMany[K comparable, V any](ctx context.Context, at At, item Map[K, V], keys []K) (map[K]V, error) {
	out := make(map[K]V, len(keys))
	if at.hash == nil {
		var hash substrate.H256
		if err := at.c.conn.Call(ctx, &hash, "chain_getBlockHash"); err != nil {
			return nil, err
		}
		at.hash = &hash
	}
	for len(keys) > 0 {
		page := keys[:min(len(keys), pageSize)]
		keys = keys[len(page):]
		raw := make([]hexBytes, len(page))
		for i, k := range page {
			raw[i] = item.Key(k)
		}
		err := at.values(ctx, raw, func(key, value []byte) error {
			k, err := item.DecodeKey(key)
			if err != nil {
				return err
			}
			out[k], err = item.DecodeValue(value)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
