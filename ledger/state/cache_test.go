package state

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestCacheMatchesHistory drives a cache as a store does, with readers that put
// late, and checks that every hit is right and the ceiling is kept.
func TestCacheMatchesHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const ceiling = cacheShards * 2000
		c := newCache(ceiling)
		type version struct {
			height uint64
			value  []byte
		}
		history := make(map[string][]version)
		at := func(key string, height uint64) (found version) {
			for _, v := range history[key] {
				if v.height <= height {
					found = v
				}
			}
			return found
		}
		head := uint64(0)
		key := rapid.Custom(func(t *rapid.T) string { return fmt.Sprint(rapid.IntRange(0, 40).Draw(t, "key")) })
		for range rapid.IntRange(1, 150).Draw(t, "steps") {
			k := key.Draw(t, "key")
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0: // commit
				head++
				c.advance(head)
				for range rapid.IntRange(0, 5).Draw(t, "changes") {
					k := key.Draw(t, "changed")
					v := make([]byte, rapid.IntRange(0, 400).Draw(t, "size"))
					history[k] = append(history[k], version{head, v})
					c.put(head, []byte(k), v, head)
				}
			case 1: // a reader of any height puts what it found
				height := rapid.Uint64Range(0, head).Draw(t, "height")
				v := at(k, height)
				c.put(height, []byte(k), v.value, v.height)
			case 2:
				c.drop([]byte(k))
			default:
				height := rapid.Uint64Range(0, head).Draw(t, "height")
				got, version, ok := c.get([]byte(k), height)
				if want := at(k, height); ok && (len(got) != len(want.value) || version != want.height) {
					t.Fatalf("%s at %d: %d bytes of %d, want %d of %d", k, height, len(got), version, len(want.value), want.height)
				}
			}
			if m := c.metrics(); m.Bytes > ceiling || m.Entries > 41 {
				t.Fatalf("%+v over the ceiling", m)
			}
		}
	})
}

// TestCacheEvictsLeastRecent fills a shard.
func TestCacheEvictsLeastRecent(t *testing.T) {
	c := newCache(cacheShards * 20 * (entryOverhead + 8))
	for i := range 10_000 {
		c.put(0, fmt.Appendf(nil, "%04d", i), make([]byte, 4), 0)
		if _, _, ok := c.get([]byte("0000"), 0); !ok {
			t.Fatalf("entry in use evicted after %d others", i)
		}
	}
	m := c.metrics()
	if m.Entries == 0 || m.Entries > 20*cacheShards {
		t.Errorf("%+v", m)
	}
	for i := range c.shards {
		if n := len(c.shards[i].entries); n > 25 {
			t.Errorf("shard %d has grown to %d slots", i, n)
		}
	}
	c.put(0, []byte("huge"), make([]byte, 1<<20), 0)
	if _, _, ok := c.get([]byte("huge"), 0); ok {
		t.Error("an entry larger than a shard is kept")
	}
}
