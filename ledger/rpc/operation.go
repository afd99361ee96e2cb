package rpc

import (
	"context"
	"strconv"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

// maxOperations bounds the operations of a follow subscription at a time, each
// storage item being one. Clients may count on 16.
const maxOperations = 64

// operation is work on a pinned block whose results are events of its
// subscription.
type operation struct {
	id     string
	follow *follow
	ctx    context.Context
	cancel context.CancelFunc
	resume chan struct{} // takes the client's word to go on

	// Guarded by follow.mu.
	size    int
	waiting bool // for resume
}

// beginOperation makes room for an operation of the wanted size, or of what is left for
// it: its size tells. It returns nil when nothing is left.
func (f *follow) beginOperation(want int) *operation {
	f.mu.Lock()
	defer f.mu.Unlock()
	size := min(want, maxOperations-f.running)
	if size < 1 {
		return nil
	}
	f.running += size
	f.lastID++
	op := &operation{id: strconv.FormatUint(f.lastID, 10), follow: f, size: size, resume: make(chan struct{}, 1)}
	op.ctx, op.cancel = context.WithCancel(f.ctx)
	f.operations[op.id] = op
	return op
}

// end gives the operation's room back.
func (op *operation) end() {
	op.cancel()
	f := op.follow
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.operations[op.id] == op {
		delete(f.operations, op.id)
		f.running -= op.size
	}
}

// abort ends an operation, if it is still at work.
func (f *follow) abort(id string) {
	f.mu.Lock()
	op := f.operations[id]
	f.mu.Unlock()
	if op != nil {
		op.end()
	}
}

// resume lets a waiting operation go on. An unknown id has no effect, that of
// an operation which does not wait is an error.
func (f *follow) resume(id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	op := f.operations[id]
	switch {
	case op == nil:
		return nil
	case !op.waiting:
		return errNotWaiting
	}
	op.waiting = false
	op.resume <- struct{}{} // has room: it is empty while the operation waits
	return nil
}

// start answers that an operation has begun, and has run do its work once the
// client knows. run returns what went wrong. items is how many storage items
// the operation is to read, 0 when it reads something else.
func (f *follow) start(call *jsonrpc.Call, dst []byte, items int, run func(op *operation) error) []byte {
	op := f.beginOperation(max(items, 1))
	if op == nil {
		return append(dst, `{"result":"limitReached"}`...)
	}
	discarded := items - op.size
	call.After(func(sent bool) {
		defer op.end()
		if !sent {
			return
		}
		if err := run(op); err != nil && op.ctx.Err() == nil {
			reason, known := failure(err)
			if !known {
				f.api.cfg.Server.Logger.Error("rpc operation failed", "error", err)
				reason = "Internal error"
			}
			_ = op.send("operationError", func(dst []byte) []byte { // fails only when the subscription is over
				return jsonrpc.AppendString(append(dst, `,"error":`...), reason)
			})
		}
	})
	dst = append(dst, `{"result":"started","operationId":"`...)
	dst = append(dst, op.id...)
	dst = append(dst, '"')
	if items > 0 {
		dst = append(dst, `,"discardedItems":`...)
		dst = appendUint(dst, uint64(discarded))
	}
	return append(dst, '}')
}

// send queues an event of the operation; rest appends members to it.
func (op *operation) send(event string, rest func(dst []byte) []byte) error {
	if err := op.ctx.Err(); err != nil {
		return err
	}
	text := append([]byte(`{"event":"`), event...)
	text = append(text, `","operationId":"`...)
	text = append(text, op.id...)
	text = append(text, '"')
	if rest != nil {
		text = rest(text)
	}
	return op.follow.send(append(text, '}'))
}

// wait tells the client that the operation waits for it, and waits.
func (op *operation) wait() error {
	op.follow.mu.Lock()
	op.waiting = true
	op.follow.mu.Unlock()
	if err := op.send("operationWaitingForContinue", nil); err != nil {
		return err
	}
	select {
	case <-op.resume:
		return nil
	case <-op.ctx.Done():
		return op.ctx.Err()
	}
}
