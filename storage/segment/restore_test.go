package segment

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// Rule: a manifest that contradicts itself is refused before any fetch.
func TestRestoreRefusesManifest(t *testing.T) {
	good, s := encoded(t, small, patternBytes(1000), Cipher{})
	for name, change := range map[string]func(*Manifest){
		"fid":          func(m *Manifest) { m.FID[0] ^= 1 },
		"size 0":       func(m *Manifest) { m.Size = 0 },
		"size -1":      func(m *Manifest) { m.Size = -1 },
		"size":         func(m *Manifest) { m.Size += 256 },
		"no segments":  func(m *Manifest) { m.Segments = nil },
		"segment lost": func(m *Manifest) { m.Segments = m.Segments[1:] },
		"segment id":   func(m *Manifest) { m.Segments[1].ID[5] ^= 1 },
		"too many": func(m *Manifest) {
			m.Segments = make([]Segment, small.maxSegments+1)
			m.Size = int64(len(m.Segments) * small.capacity(false))
			m.FID = FID(m.SegmentIDs())
		},
	} {
		m := *good
		m.Segments = slices.Clone(m.Segments)
		change(&m)
		err := small.restore(t.Context(), io.Discard, &m, 0, max(m.Size, 0), s, RestoreOptions{})
		if !errors.Is(err, ErrManifest) {
			t.Errorf("%s: error %v, want ErrManifest", name, err)
		}
	}
}

// Rule: ranges must lie in the file; an overflow is no way round.
func TestRestoreRange(t *testing.T) {
	m, s := encoded(t, small, patternBytes(1000), Cipher{})
	for _, r := range [][2]int64{{-1, 1}, {0, -1}, {1001, 0}, {0, 1001}, {999, 2}, {1, 1<<63 - 1}, {1<<63 - 1, 1}} {
		if err := small.restore(t.Context(), io.Discard, m, r[0], r[1], s, RestoreOptions{}); !errors.Is(err, ErrRange) {
			t.Errorf("%d bytes at %d: error %v, want ErrRange", r[1], r[0], err)
		}
	}
}

// Rule: a range of a plain file costs the data shards it touches and no
// others; of an encrypted one, the segments it touches.
func TestRestoreRangeFetches(t *testing.T) {
	type key struct{ segment, shard int }
	for _, c := range []struct {
		cipher         string
		offset, length int64
		want           []key
	}{
		{"", 256 + 70, 10, []key{{1, 1}}},
		{"", 256 + 60, 10, []key{{1, 0}, {1, 1}}},
		{"", 255, 2, []key{{0, 3}, {1, 0}}},
		{"", 256, 256, []key{{1, 0}, {1, 1}, {1, 2}, {1, 3}}},
		{"", 999, 1, []key{{3, 3}}},
		{"", 5, 0, nil},
		{"x", 240 + 70, 1, []key{{1, 0}, {1, 1}, {1, 2}, {1, 3}}},
	} {
		data := patternBytes(1000)
		m, s := encoded(t, small, data, testCipher(t, c.cipher))
		var mu sync.Mutex
		var got []key
		from := FetchFunc(func(ctx context.Context, f FragmentRef) (io.ReadCloser, error) {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, key{f.Segment, f.Shard})
			return s.Fetch(ctx, f)
		})
		var b bytes.Buffer
		if err := small.restore(t.Context(), &b, m, c.offset, c.length, from, RestoreOptions{Cipher: testCipher(t, c.cipher)}); err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(got, func(a, b key) int { return (a.segment-b.segment)*Shards + a.shard - b.shard })
		if !bytes.Equal(b.Bytes(), data[c.offset:c.offset+c.length]) || !slices.Equal(got, c.want) {
			t.Errorf("%d bytes at %d: fetched %v, want %v", c.length, c.offset, got, c.want)
		}
	}
}

// Rule: a wrong cipher is an error before anything is written, and so is a
// cipher for a plain file, and none for an encrypted one.
func TestRestoreWrongCipher(t *testing.T) {
	data := patternBytes(230)
	plain, ps := encoded(t, small, data, Cipher{})
	crypt, cs := encoded(t, small, data, testCipher(t, "right"))
	unknown := *crypt // as from the chain
	unknown.Encrypted = false
	for _, c := range []struct {
		name   string
		m      *Manifest
		from   Fetcher
		cipher string
		want   error
	}{
		{"wrong", crypt, cs, "wrong", ErrWrongCipher},
		{"none", crypt, cs, "", ErrCipherRequired},
		{"for a plain file", plain, ps, "right", ErrWrongCipher},
		{"right, from the chain", &unknown, cs, "right", nil},
		{"wrong, from the chain", &unknown, cs.without(0, 2, 3), "right ", ErrWrongCipher},
	} {
		var b bytes.Buffer
		err := small.restore(t.Context(), &b, c.m, 0, c.m.Size, c.from, RestoreOptions{Cipher: testCipher(t, c.cipher)})
		if !errors.Is(err, c.want) || c.want != nil && b.Len() > 0 {
			t.Errorf("cipher %s: error %v, want %v; %d bytes written", c.name, err, c.want, b.Len())
		}
	}
}

// Rule: damage is reported, and the damaged fragment replaced.
func TestRestoreReportsCorruption(t *testing.T) {
	data := patternBytes(250)
	m, s := encoded(t, small, data, Cipher{})
	s.fragments[m.Segments[0].Fragments[1]][7] ^= 1
	s.fragments[m.Segments[0].Fragments[2]] = s.fragments[m.Segments[0].Fragments[2]][:63]
	delete(s.fragments, m.Segments[0].Fragments[3])
	reported := map[int]error{}
	got := restored(t, small, m, s, RestoreOptions{Report: func(f FragmentRef, err error) { reported[f.Shard] = err }})
	if !bytes.Equal(got, data) {
		t.Error("restored file differs")
	}
	if len(reported) != 3 || !errors.Is(reported[1], ErrCorrupt) || !errors.Is(reported[2], ErrCorrupt) || !errors.Is(reported[3], fs.ErrNotExist) {
		t.Errorf("reported %v", reported)
	}
}

// Rule: with fewer than four fragments the error names what is missing and
// why; whole segments before it have been written.
func TestRestoreUnrecoverable(t *testing.T) {
	data := patternBytes(600)
	m, s := encoded(t, small, data, Cipher{})
	for i, id := range m.Segments[1].Fragments {
		if i != 2 && i != 5 && i != 11 {
			delete(s.fragments, id)
		}
	}
	var b bytes.Buffer
	err := small.restore(t.Context(), &b, m, 0, m.Size, s, RestoreOptions{})
	var missing *MissingError
	if !errors.As(err, &missing) || !errors.Is(err, ErrUnrecoverable) || !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("error %v, want MissingError", err)
	}
	if missing.Segment != 1 || missing.ID != m.Segments[1].ID || !slices.Equal(missing.Have, []int{2, 5, 11}) || len(missing.Missing) != 9 {
		t.Errorf("%+v", missing)
	}
	if !strings.Contains(err.Error(), m.Segments[1].Fragments[10].String()) {
		t.Errorf("error does not name fragment 10: %v", err)
	}
	if !bytes.Equal(b.Bytes(), data[:256]) {
		t.Errorf("%d bytes written, want the first segment", b.Len())
	}
	if _, err := small.rebuildFragment(t.Context(), 1, m.Segments[1], 0, s, RestoreOptions{}); !errors.Is(err, ErrUnrecoverable) {
		t.Errorf("rebuild: error %v, want ErrUnrecoverable", err)
	}
}

// Rule: intact fragments that do not make the declared segment are an error.
func TestRestoreInconsistent(t *testing.T) {
	m, s := encoded(t, small, patternBytes(250), Cipher{})
	wrong := *m
	wrong.Segments = slices.Clone(m.Segments)
	wrong.Segments[0].ID[0] ^= 1
	wrong.FID = FID(wrong.SegmentIDs())
	var b bytes.Buffer
	if err := small.restore(t.Context(), &b, &wrong, 0, wrong.Size, s, RestoreOptions{}); !errors.Is(err, ErrInconsistent) || b.Len() > 0 {
		t.Errorf("error %v, want ErrInconsistent; %d bytes written", err, b.Len())
	}
	seg := m.Segments[0]
	seg.Fragments[4], seg.Fragments[5] = seg.Fragments[5], seg.Fragments[4]
	if _, err := small.rebuildFragment(t.Context(), 0, seg, 4, s, RestoreOptions{}); !errors.Is(err, ErrInconsistent) {
		t.Errorf("rebuild: error %v, want ErrInconsistent", err)
	}
	for _, shard := range []int{-1, Shards} {
		if _, err := small.rebuildFragment(t.Context(), 0, seg, shard, s, RestoreOptions{}); err == nil {
			t.Errorf("shard %d was rebuilt", shard)
		}
	}
}

// Rule: a segment by itself is what is stored, or with a cipher its plaintext.
func TestRestoreSegment(t *testing.T) {
	c := testCipher(t, "x")
	data := patternBytes(300)
	m, s := encoded(t, small, data, c)
	var raw, plain bytes.Buffer
	if err := small.restoreSegment(t.Context(), &raw, 1, m.Segments[1], s, RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	if raw.Len() != 256 || sum(raw.Bytes()) != m.Segments[1].ID {
		t.Error("stored segment differs")
	}
	if err := small.restoreSegment(t.Context(), &plain, 1, m.Segments[1], s, RestoreOptions{Cipher: c}); err != nil {
		t.Fatal(err)
	}
	if plain.Len() != 240 || !bytes.HasPrefix(plain.Bytes(), data[240:]) {
		t.Error("plaintext of the segment differs")
	}
}

// hang answers nothing until ctx is done.
func hang(ctx context.Context) (io.ReadCloser, error) { <-ctx.Done(); return nil, ctx.Err() }

// Rule: shards that hang cost some delays once per file, not once per segment;
// they are not waited for at the end.
func TestRestoreHedges(t *testing.T) {
	data := patternBytes(20 * 256)
	m, s := encoded(t, small, data, Cipher{})
	for hung := 0; hung <= ParityShards; hung++ {
		synctest.Test(t, func(t *testing.T) {
			from := FetchFunc(func(ctx context.Context, f FragmentRef) (io.ReadCloser, error) {
				if f.Shard < hung {
					return hang(ctx)
				}
				return s.Fetch(ctx, f)
			})
			start := time.Now()
			got := restored(t, small, m, from, RestoreOptions{HedgeDelay: time.Second})
			if !bytes.Equal(got, data) {
				t.Error("restored file differs")
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("%d shards hang: 20 segments took %s of simulated time", hung, took)
			}
		})
	}
}

// Rule: a shard that is slow but delivers is not given up when it is needed:
// three good, one slow, all others gone.
func TestRestoreWaitsForSlow(t *testing.T) {
	data := patternBytes(250)
	m, s := encoded(t, small, data, Cipher{})
	synctest.Test(t, func(t *testing.T) {
		from := FetchFunc(func(ctx context.Context, f FragmentRef) (io.ReadCloser, error) {
			switch {
			case f.Shard == 3:
				body, err := s.Fetch(ctx, f)
				return timedBody{ctx, iotest.OneByteReader(body), 10 * time.Second}, err
			case f.Shard > 3:
				return nil, fs.ErrNotExist
			}
			return s.Fetch(ctx, f)
		})
		if got := restored(t, small, m, from, RestoreOptions{HedgeDelay: time.Second}); !bytes.Equal(got, data) {
			t.Error("restored file differs")
		}
	})
}

// Rule: fetches that share a slow line are left alone; one that is slower than
// the others is outrun, and its shard not begun with for the next segment.
func TestRestoreHedgesOnlySlow(t *testing.T) {
	data := patternBytes(5 * 256)
	m, s := encoded(t, small, data, Cipher{})
	for _, c := range []struct {
		slow    int
		fetches int
		took    time.Duration
	}{
		{slow: -1, fetches: 20, took: 5 * 64 * time.Second},
		{slow: 2, fetches: 21, took: 64*time.Second*5 + time.Second + 64*time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			var fetches atomic.Int32
			from := FetchFunc(func(ctx context.Context, f FragmentRef) (io.ReadCloser, error) {
				fetches.Add(1)
				body, err := s.Fetch(ctx, f)
				delay := time.Second // for each byte
				if f.Shard == c.slow {
					delay = 10 * time.Second
				}
				return timedBody{ctx, iotest.OneByteReader(body), delay}, err
			})
			start := time.Now()
			got := restored(t, small, m, from, RestoreOptions{Window: 1, HedgeDelay: 20 * time.Second})
			if !bytes.Equal(got, data) {
				t.Error("restored file differs")
			}
			if n := int(fetches.Load()); n != c.fetches {
				t.Errorf("slow shard %d: %d fetches, want %d", c.slow, n, c.fetches)
			}
			if took := time.Since(start); took > c.took {
				t.Errorf("slow shard %d: took %s of simulated time, want at most %s", c.slow, took, c.took)
			}
		})
	}
}

// Rule: a range that one shard serves does not fetch others because the line
// is slow, only because that shard is gone or stands still.
func TestRestoreRangeOnSlowLine(t *testing.T) {
	data := patternBytes(250)
	m, s := encoded(t, small, data, Cipher{})
	for delay, want := range map[time.Duration]int32{time.Second: 1, time.Hour: 5} {
		synctest.Test(t, func(t *testing.T) {
			var fetches atomic.Int32
			from := FetchFunc(func(ctx context.Context, f FragmentRef) (io.ReadCloser, error) {
				fetches.Add(1)
				body, err := s.Fetch(ctx, f)
				if f.Shard != 1 {
					return body, err
				}
				return timedBody{ctx, iotest.OneByteReader(body), delay}, err
			})
			var b bytes.Buffer
			if err := small.restore(t.Context(), &b, m, 64, 64, from, RestoreOptions{}); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(b.Bytes(), data[64:128]) {
				t.Error("range differs")
			}
			if n := fetches.Load(); n != want {
				t.Errorf("a byte in %s: %d fetches, want %d", delay, n, want)
			}
		})
	}
}

// timedBody takes some time for each read.
type timedBody struct {
	ctx context.Context
	io.Reader
	delay time.Duration
}

func (b timedBody) Read(p []byte) (int, error) {
	select {
	case <-time.After(b.delay):
		return b.Reader.Read(p)
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	}
}

func (timedBody) Close() error { return nil }

// Rule: if all that is left hangs, Restore ends by itself and says so.
func TestRestoreAllHang(t *testing.T) {
	m, _ := encoded(t, small, patternBytes(250), Cipher{})
	synctest.Test(t, func(t *testing.T) {
		from := FetchFunc(func(ctx context.Context, f FragmentRef) (io.ReadCloser, error) { return hang(ctx) })
		err := small.restore(t.Context(), io.Discard, m, 0, m.Size, from, RestoreOptions{})
		if !errors.Is(err, ErrUnrecoverable) || !errors.Is(err, ErrStalled) {
			t.Errorf("error %v, want ErrUnrecoverable and ErrStalled", err)
		}
	})
}

// Rule: a body that blocks is closed when its fetch is given up or cancelled.
func TestRestoreClosesBlockedBodies(t *testing.T) {
	data := patternBytes(250)
	m, s := encoded(t, small, data, Cipher{})
	synctest.Test(t, func(t *testing.T) {
		from := FetchFunc(func(ctx context.Context, f FragmentRef) (io.ReadCloser, error) {
			if f.Shard < 8 {
				r, _ := io.Pipe() // read blocks until closed
				return r, nil
			}
			return s.Fetch(ctx, f)
		})
		if got := restored(t, small, m, from, RestoreOptions{}); !bytes.Equal(got, data) {
			t.Error("restored file differs")
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	from := FetchFunc(func(context.Context, FragmentRef) (io.ReadCloser, error) {
		r, _ := io.Pipe()
		cancel()
		return r, nil
	})
	if err := small.restore(ctx, io.Discard, m, 0, m.Size, from, RestoreOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want Canceled", err)
	}
}

// Rule: the writer's error ends the restoring; short writes are errors.
func TestRestoreWriterFails(t *testing.T) {
	m, s := encoded(t, small, patternBytes(1000), Cipher{})
	if err := small.restore(t.Context(), brokenWriter{0, errBoom}, m, 0, m.Size, s, RestoreOptions{}); !errors.Is(err, errBoom) {
		t.Errorf("error %v, want that of the writer", err)
	}
	if err := small.restore(t.Context(), brokenWriter{3, nil}, m, 0, m.Size, s, RestoreOptions{}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("error %v, want ErrShortWrite", err)
	}
}

type brokenWriter struct {
	n   int
	err error
}

func (w brokenWriter) Write([]byte) (int, error) { return w.n, w.err }

// Rule: odd fetchers are survived.
func TestRestoreOddFetchers(t *testing.T) {
	data := patternBytes(250)
	m, s := encoded(t, small, data, Cipher{})
	from := FetchFunc(func(ctx context.Context, f FragmentRef) (io.ReadCloser, error) {
		switch f.Shard {
		case 0:
			return nil, nil
		case 1:
			return io.NopCloser(iotest.ErrReader(nil)), nil // 0, nil for ever
		case 2:
			return io.NopCloser(&patternReader{}), nil // never ends
		case 3:
			return io.NopCloser(iotest.TimeoutReader(iotest.OneByteReader(pattern(64)))), nil
		}
		body, err := s.Fetch(ctx, f)
		if err != nil {
			return nil, err
		}
		return io.NopCloser(io.MultiReader(body, &patternReader{})), nil // right, then never ends
	})
	if got := restored(t, small, m, from, RestoreOptions{}); !bytes.Equal(got, data) {
		t.Error("restored file differs")
	}
}

// Rule: memory is bounded by the window, whatever the file.
func TestRestoreMemory(t *testing.T) {
	for window := 1; window <= 3; window++ {
		g, err := newGeometry(64, 1000, 64)
		if err != nil {
			t.Fatal(err)
		}
		m, s := encoded(t, g, patternBytes(500*256), Cipher{})
		made := 0
		g, err = newGeometry(64, 1000, 64)
		if err != nil {
			t.Fatal(err)
		}
		g.pool.New = func() any { made++; b := make([]byte, g.fragment); return &b } // called under the mutex of buffers
		restored(t, g, m, s.without(0, 1, 5), RestoreOptions{Window: window, Hedges: 2})
		if limit := window * (DataShards + 2); made > limit {
			t.Errorf("window %d: %d buffers, want at most %d", window, made, limit)
		}
	}
}
