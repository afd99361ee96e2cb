package state

import (
	"hash/maphash"
	"sync"
)

// cache keeps the newest committed version of some keys, least recently used
// out first, within a ceiling of bytes.
//
// An entry is the newest version of its key and holds for every height from the
// one it was written at. A reader of a lower height misses. A reader that found
// a version on disk may put it only while nothing newer has been committed;
// [cache.advance] draws that line before a commit puts its own versions.
type cache struct {
	seed   maphash.Seed
	shards [cacheShards]cacheShard
}

const (
	cacheShards = 32
	// entryOverhead is about what one entry costs beside its bytes: slot, map
	// bucket share, string and slice headers, allocator rounding.
	entryOverhead = 160
)

type cacheShard struct {
	mu      sync.Mutex // guards all below
	height  uint64     // newest committed height, as far as this shard knows
	ceiling int        // bytes
	used    int        // bytes
	hits    uint64
	misses  uint64
	index   map[string]int32
	entries []cacheEntry // entries[0] heads the ring of use: next = most recent
	free    []int32
}

type cacheEntry struct {
	key        string
	value      []byte // nil: the key is absent
	version    uint64 // height it was written at
	next, prev int32
}

func newCache(ceiling int64) *cache {
	c := &cache{seed: maphash.MakeSeed()}
	for i := range c.shards {
		c.shards[i].ceiling = int(ceiling / cacheShards)
		c.shards[i].index = make(map[string]int32)
		c.shards[i].entries = make([]cacheEntry, 1)
	}
	return c
}

func (c *cache) shard(key []byte) *cacheShard {
	return &c.shards[maphash.Bytes(c.seed, key)%cacheShards]
}

// get returns the value of key as of height, and the height it was written at.
// ok is false when the cache cannot tell. The value must not be changed.
func (c *cache) get(key []byte, height uint64) (value []byte, version uint64, ok bool) {
	s := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	i, found := s.index[string(key)]
	if !found || s.entries[i].version > height {
		s.misses++
		return nil, 0, false
	}
	s.hits++
	s.unlink(i)
	s.linkFirst(i)
	return s.entries[i].value, s.entries[i].version, true
}

// has tells whether get would succeed.
func (c *cache) has(key []byte, height uint64) bool {
	s := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	i, found := s.index[string(key)]
	return found && s.entries[i].version <= height
}

// advance announces that height is about to be published. What older readers
// found on disk is not taken any more.
func (c *cache) advance(height uint64) {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		s.height = height
		s.mu.Unlock()
	}
}

// put stores what key holds as of height. The cache keeps value, not key.
func (c *cache) put(height uint64, key, value []byte, version uint64) {
	s := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if height != s.height {
		return
	}
	i, found := s.index[string(key)]
	if cost(key, value) > s.ceiling/8 {
		if found {
			s.remove(i)
		}
		return
	}
	if found {
		e := &s.entries[i]
		s.used += len(value) - len(e.value)
		e.value, e.version = value, version
		s.unlink(i)
	} else {
		i = s.alloc()
		s.entries[i] = cacheEntry{key: string(key), value: value, version: version}
		s.index[s.entries[i].key] = i
		s.used += cost(key, value)
	}
	s.linkFirst(i)
	for s.used > s.ceiling {
		s.remove(s.entries[0].prev)
	}
}

// drop forgets a key.
func (c *cache) drop(key []byte) {
	s := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, found := s.index[string(key)]; found {
		s.remove(i)
	}
}

// reset forgets everything, because height is about to be published and does not
// continue what was known.
func (c *cache) reset(height uint64) {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		s.height, s.used = height, 0
		s.index, s.entries, s.free = make(map[string]int32), make([]cacheEntry, 1), nil
		s.mu.Unlock()
	}
}

// CacheMetrics describes one cache since the store was opened.
type CacheMetrics struct {
	Entries      int
	Bytes        int // as counted against the ceiling
	Hits, Misses uint64
}

func (c *cache) metrics() CacheMetrics {
	var m CacheMetrics
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		m.Entries += len(s.index)
		m.Bytes += s.used
		m.Hits += s.hits
		m.Misses += s.misses
		s.mu.Unlock()
	}
	return m
}

func cost(key, value []byte) int { return len(key) + len(value) + entryOverhead }

func (s *cacheShard) alloc() int32 {
	if n := len(s.free); n > 0 {
		i := s.free[n-1]
		s.free = s.free[:n-1]
		return i
	}
	s.entries = append(s.entries, cacheEntry{})
	return int32(len(s.entries) - 1)
}

func (s *cacheShard) remove(i int32) {
	e := &s.entries[i]
	s.used -= len(e.key) + len(e.value) + entryOverhead
	delete(s.index, e.key)
	s.unlink(i)
	*e = cacheEntry{}
	s.free = append(s.free, i)
}

func (s *cacheShard) unlink(i int32) {
	e := &s.entries[i]
	s.entries[e.prev].next = e.next
	s.entries[e.next].prev = e.prev
}

func (s *cacheShard) linkFirst(i int32) {
	head := &s.entries[0]
	e := &s.entries[i]
	e.prev, e.next = 0, head.next
	s.entries[head.next].prev = i
	s.entries[0].next = i
}
