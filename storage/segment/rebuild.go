package segment

import (
	"context"
	"fmt"
)

// RebuildFragment makes one lost fragment of a segment from any four others
// (a miner's answer to a restoral order). index is what from is told. The
// result has the id that stands in the manifest; otherwise the error is
// [ErrInconsistent]. Window is not used.
func RebuildFragment(ctx context.Context, index int, seg Segment, shard int, from Fetcher, opts RestoreOptions) ([]byte, error) {
	return production().rebuildFragment(ctx, index, seg, shard, from, opts)
}

func (g *geometry) rebuildFragment(ctx context.Context, index int, seg Segment, shard int, from Fetcher, opts RestoreOptions) ([]byte, error) {
	if shard < 0 || shard >= Shards {
		return nil, fmt.Errorf("rebuild fragment: shard %d is not one of %d", shard, Shards)
	}
	out := make([]byte, g.fragment)
	if seg.Fragments[shard] == g.zeroFragment {
		return out, nil
	}
	r := g.newRestorer(from, opts)
	c := r.newCollection(index, &seg, nil, shard)
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		cancel()
		c.release()
		c.drain()
		_ = r.group.Wait() // the tasks report through the collection
		r.buffers.close()
	}()
	if err := c.run(ctx); err != nil {
		return nil, err
	}
	if err := g.rebuild(&c.shards, shard, out); err != nil {
		return nil, fmt.Errorf("segment %d: %w", index, err)
	}
	if id := sum(out); id != seg.Fragments[shard] {
		return nil, fmt.Errorf("%w: %s rebuilds to %s", ErrInconsistent, c.ref(shard), id)
	}
	return out, nil
}
