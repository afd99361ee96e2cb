package chaos

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// voters are the nodes that decide a block, those with a seat, by what the state
// of the block before says. The block itself need not be there yet.
func (w *World) voters(ctx context.Context, c *sdk.Client, height uint32) ([]*Node, error) {
	at, err := c.AtHeight(ctx, height-1)
	if err != nil {
		return nil, err
	}
	if (height-1)%w.manifest.Epoch == 0 { // a session begins
		return w.queued(ctx, at)
	}
	stashes, err := sdk.Get(ctx, at, session.Validators)
	if err != nil {
		return nil, err
	}
	return w.net.of(stashes)
}

// queued are the nodes with a seat in the next session.
func (w *World) queued(ctx context.Context, at sdk.At) ([]*Node, error) {
	list, err := sdk.Get(ctx, at, session.QueuedKeys)
	if err != nil {
		return nil, err
	}
	var stashes []substrate.AccountID
	for _, v := range list {
		stashes = append(stashes, v.Validator)
	}
	return w.net.of(stashes)
}

// of are the nodes of stashes.
func (n *Network) of(stashes []substrate.AccountID) (nodes []*Node, err error) {
	for _, stash := range stashes {
		i := slices.IndexFunc(n.Nodes, func(n *Node) bool { return n.stash == stash })
		if i < 0 {
			return nil, fmt.Errorf("validator %v is no node's", stash)
		}
		nodes = append(nodes, n.Nodes[i])
	}
	return nodes, nil
}

// quorum says whether a group of nodes can decide a block alone: it takes more
// than two thirds of the seats.
func quorum(voters, group []*Node) bool { return 3*seatsIn(voters, group) > 2*len(voters) }

// seatsIn counts the seats of a group.
func seatsIn(voters, group []*Node) (count int) {
	for _, v := range voters {
		if slices.Contains(group, v) {
			count++
		}
	}
	return count
}

// look finds out who has a seat in the next block, and who will have one then or,
// as far as that is known, in the next session.
func (w *World) look() (err error) {
	if w.manifest.Seats == len(w.net.Nodes) {
		w.seated, w.soon = w.net.Nodes, w.net.Nodes
		return nil
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), w.manifest.Bound)
	defer cancel()
	for {
		if w.seated, w.soon, err = w.sitting(ctx); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (w *World) sitting(ctx context.Context) (now, soon []*Node, err error) {
	node, top, err := w.net.ahead(ctx, w.net.Nodes)
	if err != nil {
		return nil, nil, err
	}
	c, err := w.net.Dial(ctx, node)
	if err != nil {
		return nil, nil, err
	}
	defer c.Close()
	if now, err = w.voters(ctx, c, top+1); err != nil {
		return nil, nil, err
	}
	soon = slices.Clone(now)
	queued, err := w.queued(ctx, c.Best())
	for _, n := range queued {
		if !slices.Contains(soon, n) {
			soon = append(soon, n)
		}
	}
	return now, soon, err
}

// votesAllow checks that a group of nodes that nobody else reaches, or the rest
// of a network in which others are silent, does what its seats allow: no block
// beyond those that were under way when the strike began (cutTop) without a
// quorum of that block's voters, and another block if it has a quorum for it.
// Which seats count is asked for each block, as an era may end meanwhile.
func (w *World) votesAllow(ctx context.Context, group []*Node) error {
	node, top, err := w.net.ahead(ctx, group)
	if err != nil {
		return err
	}
	c, err := w.net.Dial(ctx, node)
	if err != nil {
		return fmt.Errorf("ask %s: %w", node.Name, err)
	}
	defer c.Close()
	for height := w.cutTop + 2; height <= top; height++ {
		voters, err := w.voters(ctx, c, height)
		if err != nil {
			return fmt.Errorf("ask %s who sits in block %d: %w", node.Name, height, err)
		}
		if !quorum(voters, group) {
			return fmt.Errorf("%s has block %d, but %s have only %d of its %d seats; when they were cut off nobody had more than block %d",
				node.Name, height, names(group), seatsIn(voters, group), len(voters), w.cutTop)
		}
	}
	voters, err := w.voters(ctx, c, top+1)
	if err != nil {
		return fmt.Errorf("ask %s who sits in block %d: %w", node.Name, top+1, err)
	}
	if !quorum(voters, group) {
		return nil
	}
	return w.reaches(ctx, group, top+1)
}

// describe names a group and says which of it have no seat.
func (w *World) describe(group []*Node) string {
	var out []string
	for _, n := range group {
		name := n.Name
		if !slices.Contains(w.seated, n) {
			name += " (no seat)"
		}
		out = append(out, name)
	}
	return strings.Join(out, ", ")
}
