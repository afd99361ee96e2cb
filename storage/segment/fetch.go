package segment

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
)

// ErrCorrupt is returned for a fragment whose bytes do not match its id, or
// are too few.
var ErrCorrupt = errors.New("segment: corrupt fragment")

// FragmentRef says which fragment is meant: shard Shard of segment Segment of
// the manifest, with the id that stands there.
type FragmentRef struct {
	Segment, Shard int
	ID             Hash
}

func (r FragmentRef) String() string {
	return fmt.Sprintf("segment %d shard %d (%s)", r.Segment, r.Shard, r.ID)
}

// Fetcher gets stored fragments.
type Fetcher interface {
	// Fetch opens a fragment. It is called from several goroutines, at most
	// once at a time for the same fragment, and never for the fragment of
	// zeros. The content need not be trusted: it is verified. Fetch and the
	// reads from the body must end soon after ctx is done; to that end the
	// body is also closed from another goroutine then. An error means that
	// the fragment cannot be had now; others are tried in its place.
	Fetch(ctx context.Context, f FragmentRef) (io.ReadCloser, error)
}

// FetchFunc is a function as a Fetcher.
type FetchFunc func(ctx context.Context, f FragmentRef) (io.ReadCloser, error)

// Fetch calls the function.
func (fn FetchFunc) Fetch(ctx context.Context, f FragmentRef) (io.ReadCloser, error) {
	return fn(ctx, f)
}

// DirFetcher reads the fragments of a directory that a [DirSink] has filled.
func DirFetcher(dir string) Fetcher {
	return FetchFunc(func(_ context.Context, f FragmentRef) (io.ReadCloser, error) {
		r, err := os.Open(filepath.Join(dir, f.ID.String()))
		if err != nil {
			return nil, err
		}
		return r, nil
	})
}

// download fetches a fragment into buf, which it fills, and verifies it.
// received counts the bytes as they arrive.
func download(ctx context.Context, from Fetcher, ref FragmentRef, buf []byte, received *atomic.Int64) error {
	body, err := from.Fetch(ctx, ref)
	if err != nil {
		return err
	}
	if body == nil {
		return errors.New("fetcher returned neither a body nor an error")
	}
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		body.Close()
		close(closed)
	})
	defer func() {
		if stop() {
			body.Close()
		} else {
			<-closed
		}
	}()
	const chunk, maxEmptyReads = 256 << 10, 100
	h := sha256.New()
	for off, empty := 0, 0; off < len(buf); {
		part := buf[off:min(off+chunk, len(buf))]
		n, err := body.Read(part)
		h.Write(part[:n])
		off += n
		received.Add(int64(n))
		if n > 0 {
			empty = 0
		} else if empty++; empty == maxEmptyReads && err == nil {
			err = io.ErrNoProgress
		}
		switch {
		case off == len(buf) || err == nil:
		case ctx.Err() != nil:
			return ctx.Err()
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			return fmt.Errorf("%w: %d of %d bytes", ErrCorrupt, off, len(buf))
		default:
			return err
		}
	}
	var id Hash
	if h.Sum(id[:0]); id != ref.ID {
		return fmt.Errorf("%w: content is %s", ErrCorrupt, id)
	}
	return nil
}
