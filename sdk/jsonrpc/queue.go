package jsonrpc

import (
	"encoding/json"
	"sync"
)

// maxQueued bounds the notifications that wait for a slow reader.
const maxQueued = 16_384

// queue decouples the connection's reader from a subscription's: one slow
// stream must not hold up the others.
type queue struct {
	out  chan json.RawMessage
	wake chan struct{}
	quit chan struct{}

	mu    sync.Mutex
	items []json.RawMessage // guarded by mu
	ended bool              // guarded by mu
	cause error             // guarded by mu
}

func newQueue() *queue {
	q := &queue{
		out:  make(chan json.RawMessage),
		wake: make(chan struct{}, 1),
		quit: make(chan struct{}),
	}
	go q.run()
	return q
}

// push reports whether there was room.
func (q *queue) push(m json.RawMessage) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended {
		return true
	}
	if len(q.items) >= maxQueued {
		return false
	}
	q.items = append(q.items, m)
	q.signal()
	return true
}

// end stops the stream. Items that were queued before a disconnection are
// still delivered; after Close nobody reads them.
func (q *queue) end(cause error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.ended {
		q.ended, q.cause = true, cause
		q.signal()
	}
	if cause == ErrClosed {
		select {
		case <-q.quit:
		default:
			close(q.quit)
		}
	}
}

func (q *queue) err() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.cause
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) run() {
	defer close(q.out)
	for {
		q.mu.Lock()
		items, ended := q.items, q.ended
		q.items = nil
		q.mu.Unlock()
		for _, m := range items {
			select {
			case q.out <- m:
			case <-q.quit:
				return
			}
		}
		if len(items) > 0 {
			continue
		}
		if ended {
			return
		}
		select {
		case <-q.wake:
		case <-q.quit:
			return
		}
	}
}
