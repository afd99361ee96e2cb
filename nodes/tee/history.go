package tee

import (
	"context"
	"slices"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/storage/podr2"
	"github.com/gocess/gocess/storage/podr2/filter"
)

// history is what this worker judged of a miner's open challenge of version 1.
// It survives restarts: a miner that goes through its batches repeats only the
// last request, to the same worker.
type history struct {
	Question [32]byte
	Links    []link
}

// link is a judged batch: it took the filter from Before to After.
type link struct {
	Before, After [filter.Counters]uint64
	Sigma         string
	Result        bool
	Names         [][32]byte // if Result
}

// Anybody may ask for verdicts in a miner's name. True ones need the miner's
// data; others must not push them out.
const (
	maxGoodLinks = 512
	maxBadLinks  = 8
)

// historyOf locks and reads what was judged of the challenge.
func (w *Worker) historyOf(ctx context.Context, who substrate.AccountID, c *audit.Challenge) (*history, func(), error) {
	question, err := questionHash(c)
	if err != nil {
		return nil, nil, err
	}
	unlock, ok := w.histories.lock(who, ctx.Done())
	if !ok {
		return nil, nil, ctx.Err()
	}
	h, err := w.histories.get(who)
	if err != nil {
		unlock()
		return nil, nil, err
	}
	if h == nil || h.Question != question {
		h = &history{Question: question}
	}
	return h, unlock, nil
}

// check says whether a batch may be judged, and whether it can be true: all
// batches before it were. Its names must be on the frozen list, and if its
// filter is the frozen one, all names of the list must have come.
func (h *history) check(b *batch, frozen map[podr2.Name]bool, bloom *filter.Filter) (bool, error) {
	if len(b.names) == 0 && (len(frozen) > 0 || b.before != filter.Filter{}) {
		return false, invalid("a proof without fragments, for a miner with %d", len(frozen))
	}
	for _, name := range b.names {
		if !frozen[name] {
			return false, invalid("fragment %s is not in the challenge", name)
		}
	}
	came := make(map[podr2.Name]bool)
	for _, name := range b.names {
		came[name] = true
	}
	good := true
	for before := b.before; before != (filter.Filter{}); {
		l := h.find(&before)
		if l == nil {
			return false, invalid("the filter is not one that this worker returned for this challenge")
		}
		good = good && l.Result
		for _, name := range l.Names {
			came[name] = true
		}
		before = l.Before
	}
	if good && b.after == *bloom && len(came) != len(frozen) {
		return false, invalid("the filter is complete and the fragments are not: %d of %d", len(came), len(frozen))
	}
	return good, nil
}

// find is the judged batch with a filter as result, a true one if there is.
func (h *history) find(after *filter.Filter) *link {
	var found *link
	for i := range h.Links {
		if l := &h.Links[i]; l.After == *after && (found == nil || !found.Result) {
			found = l
		}
	}
	return found
}

// has says whether a batch was judged so.
func (h *history) has(before, after *filter.Filter, sigma string, result bool) bool {
	return slices.ContainsFunc(h.Links, func(l link) bool {
		return l.Before == *before && l.After == *after && l.Sigma == sigma && l.Result == result
	})
}

// record keeps a judged batch.
func (w *Worker) record(ctx context.Context, who substrate.AccountID, c *audit.Challenge, b *batch, result bool) error {
	h, unlock, err := w.historyOf(ctx, who, c)
	if err != nil {
		return err
	}
	defer unlock()
	if !h.add(b, result) {
		return nil
	}
	return w.histories.put(who, h)
}

// add says whether the history changed.
func (h *history) add(b *batch, result bool) bool {
	if b.before == b.after || h.has(&b.before, &b.after, b.proof.Sigma, result) {
		return false
	}
	l := link{Before: b.before, After: b.after, Sigma: b.proof.Sigma, Result: result}
	if result {
		for _, name := range b.names {
			l.Names = append(l.Names, name)
		}
	}
	most, count, oldest := maxBadLinks, 0, -1
	if result {
		most = maxGoodLinks
	}
	for i := range h.Links {
		if h.Links[i].Result == result {
			count++
			if oldest < 0 {
				oldest = i
			}
		}
	}
	if count >= most {
		h.Links = slices.Delete(h.Links, oldest, oldest+1)
	}
	h.Links = append(h.Links, l)
	return true
}

// lists remembers the frozen lists of a few miners: they do not change, and a
// miner with many fragments asks several times.
type lists struct {
	mu    sync.Mutex
	known []frozenList // guarded by mu; newest last
}

type frozenList struct {
	who   substrate.AccountID
	start types.BlockNumber
	names map[podr2.Name]bool
}

const maxLists = 8

// frozenOf is the set of fragments that a challenge is about.
func (w *Worker) frozenOf(ctx context.Context, who substrate.AccountID, c *audit.Challenge) (map[podr2.Name]bool, error) {
	start := c.Element.Start
	w.lists.mu.Lock()
	for _, l := range w.lists.known {
		if l.who == who && l.start == start {
			w.lists.mu.Unlock()
			return l.names, nil
		}
	}
	w.lists.mu.Unlock()
	frozen, names, err := w.view.FrozenNames(ctx, who)
	if err != nil {
		return nil, offline(err)
	}
	if frozen.Start != start {
		return nil, status.Error(codes.Unavailable, "the challenge just changed")
	}
	set := make(map[podr2.Name]bool, len(names))
	for _, n := range names {
		set[n] = true
	}
	w.lists.mu.Lock()
	defer w.lists.mu.Unlock()
	if len(w.lists.known) >= maxLists {
		w.lists.known = slices.Delete(w.lists.known, 0, 1)
	}
	w.lists.known = append(w.lists.known, frozenList{who, start, set})
	return set, nil
}
