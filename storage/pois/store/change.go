package store

import (
	"context"
	"fmt"

	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/accumulator"
	"github.com/gocess/gocess/storage/pois/wire"
)

// Insertion journals that the next generated set joins the accumulator, and proves it. Called again while that change
// is under way, also after a restart, it gives the same proof.
func (s *Store) Insertion(ctx context.Context) (*wire.AccProof, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	number := s.acc.Rear()/pois.SetFiles + 1
	set, err := s.Set(number)
	if err != nil {
		return nil, err
	}
	commits, err := set.Commits() // also makes sure that the set is complete
	if err != nil {
		return nil, err
	}
	e, err := source{s}.Elements(number)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	next, change, err := s.acc.Insert(e)
	if err != nil {
		return nil, err
	}
	if err := s.begin(next); err != nil {
		return nil, err
	}
	return &wire.AccProof{Indexs: commits.FileIndexs, Labels: e.Values, WitChains: change.Chain, AccPath: change.Path}, nil
}

// Deletion journals that the first num live files leave the accumulator, and proves it: the roots of the files and the
// change. They must lie in one set. Called again while that change is under way it gives the same proof.
func (s *Store) Deletion(ctx context.Context, num int) (roots [][]byte, change *accumulator.Change, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next, change, err := s.acc.Delete(num)
	if err != nil {
		return nil, nil, err
	}
	set, err := s.Set(pois.SetOf(s.acc.Front() + 1))
	if err != nil {
		return nil, nil, err
	}
	for i := range int64(num) {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		root, err := set.FileRoot(s.acc.Front() + 1 + i)
		if err != nil {
			return nil, nil, err
		}
		roots = append(roots, root[:])
	}
	return roots, change, s.begin(next)
}

// begin journals a change. The caller holds mu.
func (s *Store) begin(next *accumulator.Accumulator) error {
	if s.next != nil {
		if same(statusOf(s.next), statusOf(next)) {
			return nil
		}
		return ErrPending
	}
	st := s.state
	st.Pending = &pending{Next: next.State()}
	if err := s.commit(st); err != nil {
		return err
	}
	s.next = next
	return nil
}

// Confirm makes the change under way the current state: the chain has it. Nothing is removed; Clean does that.
func (s *Store) Confirm() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.confirm()
}

func (s *Store) confirm() error {
	if s.next == nil {
		return ErrNoPending
	}
	st := s.state
	st.History = append(st.History[:len(st.History):len(st.History)], snapshot{s.acc.Front(), s.acc.Rear(), s.acc.Shape(), s.acc.Value()})
	st.History = st.History[max(len(st.History)-maxHistory, 0):]
	st.Current, st.Pending = s.next.State(), nil
	if err := s.commit(st); err != nil {
		return err
	}
	s.acc, s.next = s.next, nil
	return nil
}

// Rollback forgets the change under way, if there is one.
func (s *Store) Rollback() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rollback()
}

func (s *Store) rollback() error {
	if s.next == nil {
		return nil
	}
	st := s.state
	st.Pending = nil
	if err := s.commit(st); err != nil {
		return err
	}
	s.next = nil
	return nil
}

// Reconcile settles a change under way by the chain's state: it confirms if the chain has the change, and rolls back if
// the chain has the state before. Anything else is ErrDiverged and changes nothing. Call it after Open.
func (s *Store) Reconcile(chain pois.Status) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.next != nil && same(statusOf(s.next), chain):
		return s.confirm()
	case same(statusOf(s.acc), chain):
		return s.rollback()
	}
	return fmt.Errorf("%w: files %d…%d there, %d…%d here", ErrDiverged, chain.Front+1, chain.Rear, s.acc.Front()+1, s.acc.Rear())
}

// Rebuild computes the accumulator of the chain's state from the idle files, for a folder that lost its state or came
// from an upstream miner. It tries the shape known here and the one upstream packs; if neither gives the chain's value
// it fails with ErrDiverged. Missing files must be regenerated first (Repair).
func (s *Store) Rebuild(ctx context.Context, chain pois.Status) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	shapes := [][]int{accumulator.PackedShape(chain.Front, chain.Rear)}
	if s.acc.Front() == chain.Front && s.acc.Rear() == chain.Rear {
		shapes = append(shapes, s.acc.Shape())
	}
	for _, shape := range shapes {
		a, err := accumulator.Rebuild(ctx, s.c.Key, source{s}, chain.Front, chain.Rear, shape)
		if err != nil {
			return err
		}
		if !same(statusOf(a), chain) {
			continue
		}
		st := s.state
		st.Current, st.Pending = a.State(), nil
		if err := s.commit(st); err != nil {
			return err
		}
		s.acc, s.next = a, nil
		return nil
	}
	return ErrDiverged
}
