package miner

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner/jobs"
	"github.com/gocess/gocess/primitives/substrate"
	podr2proof "github.com/gocess/gocess/storage/podr2"
	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/store"
)

// CheckOptions say how thorough a check is.
type CheckOptions struct {
	// Proof also makes proofs over all data for random questions and verifies
	// them as the network would.
	Proof bool
	// Tags checks every tag against its fragment, about 50 ms each, instead of
	// the tag files' checksums only.
	Tags bool
	// Progress hears what is being checked; may be nil.
	Progress func(format string, args ...any)
}

// CheckReport is what a check found.
type CheckReport struct {
	Fragments int `json:"fragments"` // checked
	Tagged    int `json:"tagged"`
	// IdleFiles are those of certified sets.
	IdleFiles int64 `json:"idleFiles"`
	// Problems are what is missing or damaged, one line each.
	Problems []string `json:"problems"`
	// Proofs says what was proven; only with CheckOptions.Proof.
	Proofs []string `json:"proofs,omitempty"`
	// NotCompared is why what the miner keeps was not compared with what the
	// chain counts as its own.
	NotCompared string `json:"notCompared,omitempty"`

	missing     int // fragments on chain that are not here
	damagedIdle []store.Damage
	damaged     [][2]types.Hash // fid, fragment
	badTags     [][2]types.Hash
}

func (r *CheckReport) problem(format string, args ...any) {
	r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
}

// Check reads everything that the miner keeps and reports what is wrong, also
// what the chain counts as the miner's and is not here. It changes nothing but
// what can be computed again.
func (m *Miner) Check(ctx context.Context, o CheckOptions) (*CheckReport, error) {
	r, err := check(ctx, m.store, m.keys, m.idle, o)
	if err != nil {
		return nil, err
	}
	if err := m.compare(ctx, o, r); ctx.Err() != nil {
		return nil, ctx.Err()
	} else if err != nil {
		r.NotCompared = err.Error()
	}
	return r, nil
}

// compare reports the fragments that the chain counts as the miner's and that
// are not here.
func (m *Miner) compare(ctx context.Context, o CheckOptions, r *CheckReport) error {
	if o.Progress == nil {
		o.Progress = func(string, ...any) {}
	}
	l, err := m.look(ctx)
	if err != nil || !l.found {
		return err
	}
	files, err := m.ownFiles(ctx, o.Progress, l)
	if err != nil {
		return err
	}
	for fid, file := range files {
		for _, fragment := range uniqueFragments(file, m) {
			if !m.store.Has(fid, fragment) {
				r.missing++
				r.problem("fragment %v of file %v is not here", fragment, fid)
			}
		}
	}
	return nil
}

// CheckFolder does what Check does for a miner that does not run, without
// asking the chain. The error is ErrInUse while one runs on the folder.
func CheckFolder(ctx context.Context, home string, account substrate.AccountID, o CheckOptions) (*CheckReport, error) {
	root := rootOf(home, account)
	if _, err := os.Stat(root); err != nil {
		return nil, fmt.Errorf("%s holds no data of miner %v: %w", home, types.Address(account), err)
	}
	lock, err := lockFolder(root)
	if err != nil {
		return nil, err
	}
	report, err := func() (*CheckReport, error) {
		fragments, err := OpenStore(root)
		if err != nil {
			return nil, err
		}
		idle := newIdleSpace(root, account)
		if err := idle.reopen(); err != nil {
			return nil, err
		}
		r, err := check(ctx, fragments, openTagKeys(root), idle, o)
		if err == nil {
			r.NotCompared = "the miner does not run"
		}
		return r, errors.Join(err, idle.close())
	}()
	return report, errors.Join(err, lock.unlock())
}

func check(ctx context.Context, s *Store, keys *tagKeys, idle *idleSpace, o CheckOptions) (*CheckReport, error) {
	if o.Progress == nil {
		o.Progress = func(string, ...any) {}
	}
	r := &CheckReport{Problems: []string{}}
	good, err := checkFragments(ctx, s, keys, o, r)
	if err != nil {
		return nil, err
	}
	if o.Proof {
		if err := proveSample(ctx, idle.account, s, keys, good, r); err != nil {
			return nil, err
		}
	}
	st, config, ok := idle.opened()
	if !ok {
		return r, nil
	}
	status := st.Status()
	r.IdleFiles = status.Rear - status.Front
	o.Progress("checking %d idle files", r.IdleFiles)
	if r.damagedIdle, err = st.Check(ctx, nil); err != nil {
		return nil, fmt.Errorf("check idle files: %w", err)
	}
	for _, d := range r.damagedIdle {
		r.problem("idle file %d: %v", d.File, d.Err)
	}
	if o.Proof && len(r.damagedIdle) == 0 {
		return r, proveIdleSample(ctx, st, config, o, r)
	}
	return r, nil
}

// taggedFragment is a fragment in order, with its tags.
type taggedFragment struct {
	fid, fragment types.Hash
	tags          *podr2proof.Tags
}

func checkFragments(ctx context.Context, s *Store, keys *tagKeys, o CheckOptions, r *CheckReport) (good []taggedFragment, err error) {
	fids, err := s.Kept()
	if err != nil {
		return nil, err
	}
	for _, fid := range fids {
		fragments, err := s.Fragments(fid)
		if err != nil {
			return nil, err
		}
		for _, fragment := range fragments {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			o.Progress("checking fragment %d", r.Fragments+1)
			r.Fragments++
			content, err := s.Read(fid, fragment)
			if err != nil {
				if !errors.Is(err, ErrHash) && !errors.Is(err, fs.ErrNotExist) {
					return nil, err
				}
				if !slices.Contains(s.Where(fragment), fid) {
					r.Fragments-- // the file was deleted meanwhile
					continue
				}
				r.problem("fragment %v of file %v: %v", fragment, fid, err)
				r.damaged = append(r.damaged, [2]types.Hash{fid, fragment})
				continue
			}
			tags, err := s.Tags(fid, fragment)
			if errors.Is(err, fs.ErrNotExist) {
				continue // not tagged yet
			}
			if err == nil && o.Tags {
				if srs, ok := keys.get(tags.KeyID()); ok {
					err = srs.CheckTags(ctx, tags, bytes.NewReader(content))
				}
			}
			if err != nil {
				if ctx.Err() != nil {
					return nil, ctx.Err()
				}
				r.problem("tags of fragment %v of file %v: %v", fragment, fid, err)
				r.badTags = append(r.badTags, [2]types.Hash{fid, fragment})
				continue
			}
			r.Tagged++
			good = append(good, taggedFragment{fid, fragment, tags})
		}
	}
	return good, nil
}

// proveSample makes a service proof over all tagged fragments, as if they were
// the chain's list, and verifies it.
func proveSample(ctx context.Context, account substrate.AccountID, s *Store, keys *tagKeys, list []taggedFragment, r *CheckReport) error {
	byKey := make(map[podr2proof.KeyID][]taggedFragment)
	for _, f := range list {
		id := f.tags.KeyID()
		byKey[id] = append(byKey[id], f)
	}
	for id, list := range byKey {
		srs, ok := keys.get(id)
		if !ok {
			r.problem("%d fragments are tagged with key %v, which is not here", len(list), id)
			continue
		}
		var randomness [32]byte
		if _, err := rand.Read(randomness[:]); err != nil {
			return err
		}
		challenge := podr2proof.Challenge{Seed: podr2proof.NewSeed(randomness[:], account), Samples: 460}
		query, err := challenge.Query(uint64(len(list)), func(i uint64) (podr2proof.Name, error) {
			digest, err := list[i].fragment.Digest()
			return digest, err
		})
		if err != nil {
			return err
		}
		if err := proveOnce(ctx, s, srs, query, list); err != nil {
			r.problem("service proof over %d fragments: %v", len(list), err)
			continue
		}
		r.Proofs = append(r.Proofs, fmt.Sprintf("service data: %d blocks of %d fragments", query.Blocks(), len(list)))
	}
	return ctx.Err()
}

func proveOnce(ctx context.Context, s *Store, srs *podr2proof.SRS, query *podr2proof.Query, list []taggedFragment) error {
	prover, err := podr2proof.NewProver(srs, query)
	if err != nil {
		return err
	}
	for i := range query.Fragments {
		f := list[query.Fragments[i].Index]
		content, err := s.OpenKept(f.fid, f.fragment)
		if err != nil {
			return err
		}
		err = errors.Join(prover.Add(ctx, i, content, tagReader(f.tags)), content.Close())
		if err != nil {
			return err
		}
	}
	proof, err := prover.Finish(ctx)
	if err != nil {
		return err
	}
	return srs.Key().Verify(ctx, query, proof)
}

// proveIdleSample answers a random space challenge and verifies it.
func proveIdleSample(ctx context.Context, st *store.Store, c store.Config, o CheckOptions, r *CheckReport) error {
	status := st.Status()
	acc, err := st.At(ctx, status)
	if err != nil {
		return err
	}
	chals := make([]int64, pois.SpaceChallenges)
	for i := range chals {
		var b [8]byte
		if _, err := rand.Read(b[:]); err != nil {
			return err
		}
		n := int64(c.Params.N)
		chals[i] = n*int64(c.Params.D) + int64(uint64(b[0])|uint64(b[1])<<8|uint64(b[2])<<16|uint64(b[3])<<24)%n
	}
	verifier, err := pois.NewVerifier(c.Params)
	if err != nil {
		return err
	}
	walk, err := pois.NewBlocks(c.ID, chals, status.Front, status.Rear)
	if err != nil {
		return err
	}
	var prior [32]byte
	for {
		left, right, ok := walk.Next(prior)
		if !ok {
			break
		}
		o.Progress("proving idle files %d to %d", left, right-1)
		chains, err := acc.Witnesses(left, right)
		if err != nil {
			return err
		}
		set, err := st.Set(pois.SetOf(left))
		if err != nil {
			return err
		}
		proof, err := set.ProveSpace(ctx, chals, left, right, chains)
		if err == nil {
			err = verifier.VerifySpace(c.ID, c.Key, status, chals, proof)
		}
		if err != nil {
			r.problem("proof of idle files %d to %d: %v", left, right-1, err)
			return ctx.Err()
		}
		prior = proof.Hash()
	}
	r.Proofs = append(r.Proofs, fmt.Sprintf("idle space: %d of %d files", walk.Total()*pois.SetFiles, r.IdleFiles))
	return nil
}

// scrub checks everything from time to time and repairs what it finds.
func (m *Miner) scrub(ctx context.Context, p *jobs.Progress) error {
	if !m.cheat.repairs() {
		return jobs.Waitf("this miner repairs nothing")
	}
	if !m.checking.TryLock() {
		return jobs.Waitf("a check is running already")
	}
	defer m.checking.Unlock()
	r, err := m.Check(ctx, CheckOptions{Tags: true, Progress: p.Doing})
	if err != nil {
		return err
	}
	m.metrics.problems.Set(float64(len(r.Problems)))
	for _, problem := range r.Problems {
		m.log.Error("found damage", "what", problem)
	}
	for _, d := range r.damaged {
		err = errors.Join(err, m.store.DropFragment(d[0], d[1]))
	}
	for _, d := range r.badTags {
		err = errors.Join(err, m.store.DropTags(d[0], d[1]))
	}
	if len(r.damaged)+r.missing > 0 {
		m.jobs.Wake(jobRestore)
	}
	if len(r.badTags) > 0 {
		m.jobs.Wake(jobTags)
	}
	if st, _, ok := m.idle.opened(); ok {
		err = errors.Join(err, m.regenerate(ctx, p, st, r.damagedIdle))
	}
	return err
}
