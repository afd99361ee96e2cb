package segment

import "context"

// Fragment is one piece of output: shard Shard of segment Segment.
type Fragment struct {
	Segment, Shard int
	ID             Hash
	Data           []byte // FragmentSize bytes
}

// Sink takes the fragments of one file as they are made.
type Sink interface {
	// Put takes one fragment. It is called from several goroutines and in
	// no particular order. Data is valid, and must not be changed, until
	// Put returns; while Put runs, the pipeline is short of one buffer. A
	// fragment that occurs several times is put several times, except the
	// fragment of zeros (ZeroFragment): that one is put once for the whole
	// file and need not be kept, since readers make it up. An error ends
	// the encoding.
	Put(ctx context.Context, f Fragment) error
	// Commit makes all fragments durable. It is called once, after the
	// last Put has returned without error; if encoding fails it is not
	// called.
	Commit(ctx context.Context) error
}

// Discard is the sink that keeps nothing, for when only the ids are wanted.
var Discard Sink = SinkFunc(func(context.Context, Fragment) error { return nil })

// SinkFunc is a Put function as a sink whose Commit does nothing.
type SinkFunc func(ctx context.Context, f Fragment) error

// Put calls the function.
func (fn SinkFunc) Put(ctx context.Context, f Fragment) error { return fn(ctx, f) }

// Commit does nothing.
func (fn SinkFunc) Commit(context.Context) error { return nil }
