package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// World is a network under fire and everybody who watches it.
type World struct {
	t         testing.TB
	manifest  Manifest
	rng       *rand.Rand
	net       *Network
	chain     *Chain
	load      *Load
	meter     *meter
	followers []*follower
	recovered map[string]Durations // by fault
	cutTop    uint32               // highest block when the strike had begun
}

func (w *World) story(format string, args ...any) { w.t.Logf(format, args...) }

// choose picks some nodes.
func (w *World) choose(count int) []*Node {
	all := slices.Clone(w.net.Nodes)
	w.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:count]
}

// except are the other nodes.
func (w *World) except(nodes []*Node) []*Node {
	return slices.DeleteFunc(slices.Clone(w.net.Nodes), func(n *Node) bool { return slices.Contains(nodes, n) })
}

func (w *World) between(least, most time.Duration) time.Duration {
	return least + time.Duration(w.rng.Int64N(int64(most-least)))
}

// partition parts two groups, by silence or by broken connections.
func (w *World) partition(one, other []*Node) strike {
	how := Silent
	if w.rng.IntN(2) == 0 {
		how = Broken
	}
	var side []int
	for _, n := range one {
		side = append(side, n.Index)
	}
	return strike{
		story: fmt.Sprintf("%s and %s are parted, links are %v", names(one), names(other), how),
		hold:  w.between(5*time.Second, 12*time.Second),
		begin: func() error { return w.net.Mesh.Split(side, how) },
		heal:  func() error { w.net.Mesh.Heal(); return nil },
	}
}

// stands checks that nodes have made no block since the strike began. One may
// have been decided by votes that had arrived by then.
func (w *World) stands(ctx context.Context, nodes []*Node, held time.Duration) error {
	before := w.cutTop
	for _, n := range nodes {
		now, err := w.net.height(ctx, n)
		if err != nil {
			return fmt.Errorf("ask %s: %w", n.Name, err)
		}
		if now > before+1 {
			return fmt.Errorf("%s has block %d: %v before, when it was cut off from a quorum, nobody had more than %d", n.Name, now, held, before)
		}
	}
	return nil
}

// goesOn waits until every one of the nodes has a block that none has now.
func (w *World) goesOn(ctx context.Context, nodes []*Node) error {
	top, err := w.net.top(ctx, nodes)
	if err != nil {
		return err
	}
	return w.reaches(ctx, nodes, top+1)
}

// reaches waits until the nodes have shown a block of that height.
func (w *World) reaches(ctx context.Context, nodes []*Node, height uint32) error {
	for _, n := range nodes {
		for w.followers[n.Index].seen.Load() < height {
			if !n.Running() {
				return fmt.Errorf("%s ended by itself (%v); see %s", n.Name, n.process().Err(), n.log)
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("%s has block %d, not yet %d, after %v", n.Name, w.followers[n.Index].seen.Load(), height, w.manifest.Bound)
			case <-w.chain.broken:
				return w.chain.Err()
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
	return nil
}
