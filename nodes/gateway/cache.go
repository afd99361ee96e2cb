package gateway

import (
	"cmp"
	"slices"
	"time"
)

// touch notes that a file was read. Once in a while is enough.
func (j *job) touch() {
	j.mu.Lock()
	stale := time.Since(j.rec.Used) > time.Minute
	j.mu.Unlock()
	if stale {
		j.note(func(r *Record) { r.Used = time.Now().UTC() })
	}
}

// evict drops finished files, those first that were not read for longest,
// until the cache keeps its bound and, beyond that, the given bytes are free.
// Unfinished files stay whatever happens.
func (s *jobs) evict(bytes uint64) {
	type entry struct {
		*job
		used  time.Time
		bytes int64
	}
	var cached []entry
	total := int64(0)
	for _, j := range s.list() {
		if r := j.snapshot(); r.finished() {
			cached = append(cached, entry{j, r.Used, r.Bytes})
			total += r.Bytes
		}
	}
	slices.SortFunc(cached, func(a, b entry) int {
		return cmp.Or(a.used.Compare(b.used), slices.Compare(a.fid[:], b.fid[:]))
	})
	target := max(s.g.cfg.CacheBytes, 0)
	if left := total - int64(min(bytes, 1<<62)); left < target {
		target = max(left, 0)
	}
	for _, e := range cached {
		if total <= target {
			return
		}
		if err := s.forget(e.job); err != nil {
			s.g.log.Error("evict a file from the cache", "fid", e.fid, "err", err)
			continue
		}
		total -= e.bytes
	}
}
