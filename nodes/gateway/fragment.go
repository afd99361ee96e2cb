package gateway

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/storage/segment"
)

var errFragment = &refusal{400, "invalid fragment"}

// holderTimeout bounds the wait for the one miner that has a fragment; then it
// is rebuilt from others.
const holderTimeout = time.Minute

// downloadFragment sends one fragment of a file to whoever signs for it: the
// last resort of miners that restore (spec/gateway.md §2.14). It works without
// plaintext, so also for encrypted files.
func (g *Gateway) downloadFragment(w http.ResponseWriter, r *http.Request) {
	b, err := g.fragment(r)
	if err != nil {
		g.answer(w, "download fragment", err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	n, _ := patientWriter{w, http.NewResponseController(w)}.Write(b) // the client may be gone
	g.metrics.sent.Add(float64(n))
}

func (g *Gateway) fragment(r *http.Request) ([]byte, error) {
	if _, ok := g.identify(r.Header); !ok {
		return nil, errPermission
	}
	fid, err := types.ParseHash(r.URL.Query().Get("fid"))
	if err != nil {
		return nil, errFID
	}
	fragment, err := types.ParseHash(r.URL.Query().Get("fragment"))
	if err != nil {
		return nil, errFragment
	}
	s, err := g.find(r.Context(), fid)
	if err != nil {
		return nil, err
	}
	ref, ok := s.place(fragment)
	if !ok {
		return nil, errNotFound
	}
	done, err := g.takeTurn(r.Context())
	if err != nil {
		return nil, err
	}
	defer done()
	ctx, cancel := context.WithTimeout(r.Context(), fragmentTimeout)
	defer cancel()
	b, err := s.fragment(ctx, ref)
	if err != nil {
		return nil, readError(err, false)
	}
	return b, nil
}

// place is where in a file a fragment is, the first place if there are several.
func (s *source) place(fragment types.Hash) (ref segment.FragmentRef, ok bool) {
	for i := range s.segments {
		is := func(id segment.Hash) bool { return types.HashOf(id) == fragment }
		if k := slices.IndexFunc(s.segments[i].Fragments[:], is); k >= 0 {
			return segment.FragmentRef{Segment: i, Shard: k, ID: s.segments[i].Fragments[k]}, true
		}
	}
	return ref, false
}

// fragment gives a fragment whose hash is right: from the disk, from its
// miner, or rebuilt from any four others of its segment.
func (s *source) fragment(ctx context.Context, ref segment.FragmentRef) ([]byte, error) {
	if ref.ID == segment.ZeroFragment {
		return make([]byte, segment.FragmentSize), nil
	}
	b, err := s.whole(ctx, ref)
	if err == nil {
		return b, nil
	}
	s.g.metrics.restores.Inc()
	s.report(ref, err)
	return segment.RebuildFragment(ctx, ref.Segment, s.segments[ref.Segment], ref.Shard, s, segment.RestoreOptions{Report: s.report})
}

// whole fetches a fragment and checks its hash.
func (s *source) whole(ctx context.Context, ref segment.FragmentRef) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, holderTimeout)
	defer cancel()
	body, err := s.Fetch(ctx, ref)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	b := make([]byte, segment.FragmentSize)
	if _, err := io.ReadFull(body, b); err != nil {
		return nil, err
	}
	if got := sha256.Sum256(b); got != ref.ID {
		return nil, fmt.Errorf("the content is that of fragment %x", got)
	}
	return b, nil
}
