package pool

import (
	"context"
	"io"
	"sync"

	"github.com/gocess/gocess/primitives/substrate"
)

// StatusKind is what happened to a watched extrinsic.
type StatusKind uint8

// The steps in the life of an extrinsic. Finalized, Usurped, Dropped and
// Invalid are the last of a stream.
const (
	Future    StatusKind = iota // it waits behind a nonce gap
	Ready                       // the next block may take it
	InBlock                     // it is in Status.Block, whose state can be read
	Finalized                   // Status.Block is final
	Usurped                     // Status.By took its place
	Dropped                     // it lost its place to one that pays more
	Invalid                     // it cannot be included any more
)

// Terminal says that no status follows.
func (k StatusKind) Terminal() bool { return k >= Finalized }

// Status is one item of a watched extrinsic's stream.
type Status struct {
	Kind  StatusKind
	Block substrate.H256 // of InBlock and Finalized
	By    substrate.H256 // of Usurped
}

// Watch is the stream of an extrinsic's statuses. It is read by one goroutine
// and needs no closing.
type Watch struct {
	Hash  substrate.H256
	track *tracker
	read  int
}

// Next waits for the next status. It returns io.EOF after the last one and
// ErrClosed when the pool closed before.
func (w *Watch) Next(ctx context.Context) (Status, error) {
	for {
		w.track.mu.Lock()
		if w.read < len(w.track.events) {
			s := w.track.events[w.read]
			w.read++
			w.track.mu.Unlock()
			return s, nil
		}
		end, changed := w.track.end, w.track.changed
		w.track.mu.Unlock()
		if end != nil {
			return Status{}, end
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Status{}, ctx.Err()
		}
	}
}

// maxFlips bounds a stream: an extrinsic that keeps changing between ready and
// future reports only so many of the changes.
const maxFlips = 32

// tracker collects an extrinsic's statuses for its watch. A nil tracker
// ignores them.
type tracker struct {
	mu      sync.Mutex // guards everything below
	events  []Status
	end     error         // why no status follows; nil while some may
	changed chan struct{} // closed and replaced at each change
}

func newTracker() *tracker { return &tracker{changed: make(chan struct{})} }

func (t *tracker) add(s Status) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.end != nil || s.Kind <= Ready && len(t.events) >= maxFlips {
		return
	}
	t.events = append(t.events, s)
	if s.Kind.Terminal() {
		t.end = io.EOF
	}
	t.signal()
}

// close ends the stream without a last status.
func (t *tracker) close(why error) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.end == nil {
		t.end = why
		t.signal()
	}
}

func (t *tracker) signal() {
	close(t.changed)
	t.changed = make(chan struct{})
}
