package pool

import (
	"sync/atomic"

	"github.com/gocess/gocess/ledger/runtime"
)

// head is the state that submissions are judged by. It is shared by the pool
// and the workers that validate against it; the last to release it closes the
// view.
type head struct {
	view   View
	parent runtime.Parent
	number uint32 // of parent
	refs   atomic.Int32
}

func newHead(view View) *head {
	parent := view.Parent()
	h := &head{view: view, parent: parent, number: parent.Number}
	h.refs.Store(1)
	return h
}

func (h *head) release() {
	if h.refs.Add(-1) == 0 {
		_ = h.view.Close() // a view holds no unsaved data
	}
}

// acquireHead returns the newest head, which the caller releases.
func (p *Pool) acquireHead() *head {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.acquireHeadLocked()
}

func (p *Pool) acquireHeadLocked() *head {
	p.head.refs.Add(1)
	return p.head
}
