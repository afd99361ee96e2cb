package segment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
)

var errBoom = errors.New("boom")

// Rule: no file without a byte.
func TestEncodeEmpty(t *testing.T) {
	for _, c := range []Cipher{{}, testCipher(t, "x")} {
		s := newStore(small)
		if _, err := small.encode(t.Context(), strings.NewReader(""), s, EncodeOptions{Cipher: c}); !errors.Is(err, ErrEmpty) {
			t.Errorf("error %v, want ErrEmpty", err)
		}
		if len(s.puts)+s.committed != 0 {
			t.Error("an empty file reached the sink")
		}
	}
}

// Rule: at most maxSegments segments, exactly.
func TestEncodeTooLarge(t *testing.T) {
	for _, c := range []Cipher{{}, testCipher(t, "x")} {
		limit := int64(small.maxSegments * small.capacity(!c.IsZero()))
		m, err := small.encode(t.Context(), pattern(limit), Discard, EncodeOptions{Cipher: c})
		if err != nil || len(m.Segments) != small.maxSegments {
			t.Errorf("largest file: %v", err)
		}
		s := newStore(small)
		_, err = small.encode(t.Context(), pattern(limit+1), s, EncodeOptions{Cipher: c})
		if !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), fmt.Sprintf("%d segments", small.maxSegments)) {
			t.Errorf("one byte more: error %v, want ErrTooLarge", err)
		}
		if s.committed != 0 {
			t.Error("a file that failed was committed")
		}
	}
}

// Rule: a failing reader or sink ends the encoding with its error, and without
// a commit.
func TestEncodeFailures(t *testing.T) {
	s := newStore(small)
	r := io.MultiReader(pattern(1000), iotest.ErrReader(errBoom))
	if _, err := small.encode(t.Context(), r, s, EncodeOptions{}); !errors.Is(err, errBoom) {
		t.Errorf("failing reader: %v", err)
	}
	if s.committed != 0 {
		t.Error("committed after a failed read")
	}

	var puts atomic.Int32
	sink := SinkFunc(func(context.Context, Fragment) error {
		if puts.Add(1) == 30 {
			return errBoom
		}
		return nil
	})
	// The reader never ends: the failure alone must stop it.
	endless, err := newGeometry(64, 1<<30, 64)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := endless.encode(t.Context(), &patternReader{}, sink, EncodeOptions{}); !errors.Is(err, errBoom) {
		t.Errorf("failing sink: %v", err)
	}

	if _, err := small.encode(t.Context(), pattern(10), commitFails{}, EncodeOptions{}); !errors.Is(err, errBoom) {
		t.Errorf("failing commit: %v", err)
	}

	stuck := iotest.ErrReader(nil) // 0, nil for ever
	if _, err := small.encode(t.Context(), stuck, Discard, EncodeOptions{}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("reader without progress: %v", err)
	}
}

type commitFails struct{}

func (commitFails) Put(context.Context, Fragment) error { return nil }
func (commitFails) Commit(context.Context) error        { return errBoom }

// Rule: cancelling stops the encoding.
func TestEncodeCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	sink := SinkFunc(func(context.Context, Fragment) error { cancel(); return nil })
	endless, err := newGeometry(64, 1<<30, 64)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := endless.encode(ctx, &patternReader{}, sink, EncodeOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want Canceled", err)
	}
}

// Rule: the same segment may occur again (upstream fails on it), and all zeros
// are put once.
func TestEncodeRepeatedSegments(t *testing.T) {
	seg := patternBytes(small.capacity(false))
	data := bytes.Repeat(seg, 3)
	data = append(data, make([]byte, 2*len(seg))...)
	m, s := encoded(t, small, data, Cipher{})
	if m.Segments[0] != m.Segments[2] || m.Segments[3] != m.Segments[4] || m.Segments[4].ID != small.zeroSegment {
		t.Error("equal segments have different ids")
	}
	if n := s.puts[small.zeroFragment]; n != 1 {
		t.Errorf("zeros were put %d times", n)
	}
	if n := s.puts[m.Segments[0].Fragments[0]]; n != 3 {
		t.Errorf("a fragment that occurs 3 times was put %d times", n)
	}
	if got := restored(t, small, m, s, RestoreOptions{}); !bytes.Equal(got, data) {
		t.Error("restored file differs")
	}
}

// Rule: memory is bounded by the workers. With W workers, W+1 segments of four
// buffers and W parity buffers exist at one time, even if the sink
// accepts nothing.
func TestEncodeMemory(t *testing.T) {
	for workers := 1; workers <= 4; workers++ {
		g, err := newGeometry(64, 1000, 64)
		if err != nil {
			t.Fatal(err)
		}
		var made atomic.Int64
		g.pool.New = func() any { made.Add(1); b := make([]byte, g.fragment); return &b }
		var mu sync.Mutex
		slow := SinkFunc(func(context.Context, Fragment) error { mu.Lock(); defer mu.Unlock(); return nil })
		if _, err := g.encode(t.Context(), pattern(1000*256), slow, EncodeOptions{Workers: workers}); err != nil {
			t.Fatal(err)
		}
		limit := int64(DataShards*(workers+1) + workers)
		if n := made.Load(); n > limit {
			t.Errorf("%d workers: %d buffers, want at most %d", workers, n, limit)
		}
		if limit*FragmentSize > int64(workers)*96<<20 {
			t.Errorf("%d workers: limit is over 96 MiB a worker", workers)
		}
	}
}
