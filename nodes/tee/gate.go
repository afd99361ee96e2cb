package tee

import (
	"context"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	api "github.com/gocess/gocess/sdk/tee"
)

// gate admits work of one kind: some at once, a few more wait for a moment, and
// the rest are told that the worker is busy, so that a miner can go elsewhere.
type gate struct {
	slots    chan struct{}
	inside   atomic.Int64
	most     int64 // running and waiting
	patience time.Duration
}

func newGate(running, waiting int, patience time.Duration) *gate {
	return &gate{slots: make(chan struct{}, running), most: int64(running + waiting), patience: patience}
}

// errBusy has the text that upstream miners retry on.
var errBusy = status.Error(codes.ResourceExhausted, api.TextBusy)

// enter waits for a slot; leave must be called. Errors: errBusy, the context's.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	if g.inside.Add(1) > g.most {
		g.inside.Add(-1)
		return nil, errBusy
	}
	select {
	case g.slots <- struct{}{}:
		return g.leave, nil
	default:
	}
	patience := time.NewTimer(g.patience)
	defer patience.Stop()
	select {
	case g.slots <- struct{}{}:
		return g.leave, nil
	case <-patience.C:
		err = errBusy
	case <-ctx.Done():
		err = status.FromContextError(ctx.Err()).Err()
	}
	g.inside.Add(-1)
	return nil, err
}

// full says whether enter would refuse at once.
func (g *gate) full() bool { return g.inside.Load() >= g.most }

func (g *gate) leave() {
	<-g.slots
	g.inside.Add(-1)
}
