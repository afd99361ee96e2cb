package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/accumulator"
)

// Clean frees what is no longer needed: the lower layers of certified sets, and files that were deleted, as far as no
// pinned challenge needs them. It may be stopped and called again at any moment.
func (s *Store) Clean(ctx context.Context) error {
	s.mu.Lock()
	front, rear := s.acc.Front(), s.acc.Rear()
	if s.state.Pinned >= 0 {
		front = min(front, s.state.Pinned)
	}
	cleaned := s.state.Cleaned
	s.mu.Unlock()
	for number := front/pois.SetFiles + 1; number <= rear/pois.SetFiles; number++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		set, err := s.Set(number)
		if err != nil {
			return err
		}
		if err := set.Trim(s.c.FS); err != nil {
			return err
		}
	}
	for file := cleaned + 1; file <= front; file++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		set, err := s.Set(pois.SetOf(file))
		if err != nil {
			return err
		}
		if file%pois.SetFiles == 0 {
			err = errors.Join(s.c.FS.RemoveAll(set.Dir()), s.c.FS.Remove(s.elementsPath(set.Number())))
		} else {
			err = set.RemoveFile(s.c.FS, file)
		}
		if err != nil {
			return err
		}
	}
	if cleaned >= front {
		return nil
	}
	if err := s.c.FS.SyncDir(s.spaceDir()); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.state
	st.Cleaned = front
	return s.commit(st)
}

// Damage is a live file that cannot answer challenges.
type Damage struct {
	File int64
	// Err matches pois.ErrMissing or pois.ErrDamaged.
	Err error
}

// Check reads every live file completely and reports those that are missing or wrong. A file is right if its labels
// match its tree and its root is the one in the accumulator. progress, if not nil, hears of every checked file.
func (s *Store) Check(ctx context.Context, progress func(file int64)) ([]Damage, error) {
	status := s.Status()
	var damages []Damage
	for file := status.Front + 1; file <= status.Rear; file++ {
		if err := ctx.Err(); err != nil {
			return damages, err
		}
		if file == status.Front+1 || file%pois.SetFiles == 1 {
			if err := s.checkElements(pois.SetOf(file)); err != nil {
				return damages, err
			}
		}
		err := s.checkFile(file)
		switch {
		case errors.Is(err, pois.ErrMissing) || errors.Is(err, pois.ErrDamaged):
			damages = append(damages, Damage{file, err})
		case err != nil:
			return damages, err
		}
		if progress != nil {
			progress(file)
		}
	}
	return damages, nil
}

// checkElements drops the elements kept for a set if they are not those in the accumulator; they are then computed
// again from the files, of which at least one will be found damaged.
func (s *Store) checkElements(number int64) error {
	e, err := source{s}.Elements(number)
	if errors.Is(err, pois.ErrMissing) {
		return nil // the files will be reported
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	acc := s.acc
	s.mu.Unlock()
	if err = acc.CheckElements(number, e); errors.Is(err, accumulator.ErrState) {
		s.elements.drop(number)
		return s.c.FS.Remove(s.elementsPath(number))
	}
	return err
}

func (s *Store) checkFile(file int64) error {
	set, err := s.Set(pois.SetOf(file))
	if err != nil {
		return err
	}
	root, err := set.CheckFile(file)
	if err != nil {
		return err
	}
	e, err := source{s}.Elements(set.Number())
	if errors.Is(err, pois.ErrMissing) {
		return nil // another file of the set lacks its tree and is reported itself
	}
	if err != nil {
		return err
	}
	element := pois.Element(s.c.ID, file, root)
	if string(element[:]) != string(e.Values[(file-1)%pois.SetFiles]) {
		return fmt.Errorf("%w: file %d is consistent but is not the certified one", pois.ErrDamaged, file)
	}
	return nil
}

// Repair regenerates damaged files. That means whole sets, since every file depends on all before it: up to twice the
// space of a set is used meanwhile. The regenerated elements are compared with the accumulator before anything is
// replaced. It may be stopped and called again with the same damages.
func (s *Store) Repair(ctx context.Context, damages []Damage, o pois.GenerateOptions) error {
	if o.FS == nil {
		o.FS = s.c.FS
	}
	bySet := map[int64][]int64{}
	var order []int64
	for _, d := range damages {
		number := pois.SetOf(d.File)
		if bySet[number] == nil {
			order = append(order, number)
		}
		bySet[number] = append(bySet[number], d.File)
	}
	for _, number := range order {
		if err := s.repairSet(ctx, number, bySet[number], o); err != nil {
			return fmt.Errorf("repair set %d: %w", number, err)
		}
	}
	return nil
}

func (s *Store) repairSet(ctx context.Context, number int64, files []int64, o pois.GenerateOptions) error {
	dir := filepath.Join(s.spaceDir(), fmt.Sprintf("rebuild-%d", number))
	fresh, err := pois.OpenSet(s.c.Params, s.c.ID, number, dir)
	if err != nil {
		return err
	}
	if err := pois.Generate(ctx, fresh, o); err != nil {
		return err
	}
	e, err := s.regenerated(fresh)
	if err != nil {
		return err
	}
	set, err := s.Set(number)
	if err != nil {
		return err
	}
	for _, file := range files {
		if pois.SetOf(file) != number {
			continue
		}
		if err := fresh.CopyFile(s.c.FS, set, file); err != nil {
			return err
		}
	}
	if err := s.c.FS.Write(s.elementsPath(number), true, marshalElements(e)); err != nil {
		return err
	}
	s.elements.put(number, e)
	return s.c.FS.RemoveAll(dir)
}

// Forget drops a generated set that is not certified, for instance after the space was given up.
func (s *Store) Forget(number int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if number <= s.acc.Rear()/pois.SetFiles {
		return fmt.Errorf("forget set %d: it is certified", number)
	}
	if s.next != nil && number <= s.next.Rear()/pois.SetFiles {
		return ErrPending
	}
	set, err := s.Set(number)
	if err != nil {
		return err
	}
	if err := s.c.FS.RemoveAll(set.Dir()); err != nil {
		return err
	}
	if err := s.c.FS.Remove(s.elementsPath(number)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return s.c.FS.SyncDir(s.spaceDir())
}
