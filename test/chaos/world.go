package chaos

import (
	"context"
	"errors"
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
	seated    []*Node              // with a seat when the strike is drawn
	soon      []*Node              // and those with one in the session after
	cutTop    uint32               // highest block when the strike had begun
}

func (w *World) story(format string, args ...any) { w.t.Logf(format, args...) }

// choose picks some nodes.
func (w *World) choose(count int) []*Node { return w.shuffled(w.net.Nodes)[:count] }

func (w *World) shuffled(nodes []*Node) []*Node {
	all := slices.Clone(nodes)
	w.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// mortal are the nodes whose process may end.
func (w *World) mortal() []*Node {
	if w.manifest.Witness {
		return w.net.Nodes[:len(w.net.Nodes)-1]
	}
	return w.net.Nodes
}

// chooseSpare picks some nodes of a group, fewer if need be, without which the
// others are a quorum: in this session and the next, and longer no strike lasts.
// Where every node has a seat it picks any.
func (w *World) chooseSpare(group []*Node, count int) (picked []*Node) {
	if w.manifest.Seats == len(w.net.Nodes) {
		return w.shuffled(group)[:min(count, len(group))]
	}
	seats := 0
	for _, n := range w.shuffled(group) {
		if len(picked) == count {
			break
		}
		if slices.Contains(w.soon, n) {
			if seats == (w.manifest.Seats-1)/3 {
				continue
			}
			seats++
		}
		picked = append(picked, n)
	}
	return picked
}

// side picks so many of the nodes with a seat, and some of the others.
func (w *World) side(seats int) []*Node {
	side := w.shuffled(w.seated)[:seats]
	for _, n := range w.except(w.seated) {
		if w.rng.IntN(2) == 0 {
			side = append(side, n)
		}
	}
	return side
}

// except are the other nodes.
func (w *World) except(nodes []*Node) []*Node {
	return slices.DeleteFunc(slices.Clone(w.net.Nodes), func(n *Node) bool { return slices.Contains(nodes, n) })
}

func (w *World) between(least, most time.Duration) time.Duration {
	return least + time.Duration(w.rng.Int64N(int64(most-least)))
}

// partition parts a group from the other nodes, by silence or by broken
// connections. Each does what its votes allow.
func (w *World) partition(one []*Node) strike {
	other := w.except(one)
	how := Silent
	if w.rng.IntN(2) == 0 {
		how = Broken
	}
	var side []int
	for _, n := range one {
		side = append(side, n.Index)
	}
	return strike{
		story: fmt.Sprintf("%s and %s are parted, links are %v", w.describe(one), w.describe(other), how),
		hold:  w.between(5*time.Second, 12*time.Second),
		begin: func() error { return w.net.Mesh.Split(side, how) },
		during: func(ctx context.Context) error {
			return errors.Join(w.votesAllow(ctx, one), w.votesAllow(ctx, other))
		},
		heal: func() error { w.net.Mesh.Heal(); return nil },
	}
}

// goesOn waits until every one of the nodes has a block that none has now.
func (w *World) goesOn(ctx context.Context, nodes []*Node) error {
	_, top, err := w.net.ahead(ctx, nodes)
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
