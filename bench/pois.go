package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/accumulator"
	"github.com/gocess/gocess/storage/pois/wire"
)

// Step is one operation of a proof system.
type Step struct {
	What    string        `json:"what"`
	CPU     time.Duration `json:"cpu"` // of all threads, each time
	Elapsed time.Duration `json:"elapsed"`
	Bytes   int           `json:"bytes,omitempty"` // length of what it makes
}

// enoughCPU is how long an operation is repeated so that the clock's steps do
// not matter, and mostRuns how often at most.
const (
	enoughCPU = 500 * time.Millisecond
	mostRuns  = 50
)

// step measures an operation that may be repeated; its result has a length.
func step(what string, work func() (bytes int, err error)) (Step, error) {
	s := Step{What: what}
	var runs time.Duration
	for runs < mostRuns && runs*s.CPU < enoughCPU {
		began, cpu := time.Now(), ownCPU()
		bytes, err := work()
		if err != nil {
			return s, fmt.Errorf("%s: %w", what, err)
		}
		elapsed, used := time.Since(began), ownCPU()-cpu
		s.CPU += (used - s.CPU) / (runs + 1)
		s.Elapsed += (elapsed - s.Elapsed) / (runs + 1)
		s.Bytes = bytes
		runs++
	}
	return s, nil
}

// ownCPU is the processor time of this process, as fine as the system tells.
func ownCPU() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// PoISConfig says what to measure of idle space.
type PoISConfig struct {
	Params  pois.Params
	Workers int
	// Dir is for the files, which are left there: a set has 512 files of
	// 64·N bytes.
	Dir string
	// Files ends generation after so many layer files and measures nothing
	// else. 0 generates a set and goes through its life.
	Files int
	// Progress hears of finished layer files. It may be nil.
	Progress func(done, total int)
}

// PoISResult is what generation and the operations of one set cost.
type PoISResult struct {
	// Generation counts kept bytes, half of what is written.
	Generation *FileResult `json:"generation"`
	Steps      []Step      `json:"steps,omitempty"`
}

// PoIS generates a set of idle files and takes it through certification, a
// challenge and a deletion, proving and verifying.
func PoIS(ctx context.Context, c PoISConfig) (*PoISResult, error) {
	id := pois.ID{1}
	set, err := pois.OpenSet(c.Params, id, 1, filepath.Join(c.Dir, "set"))
	if err != nil {
		return nil, err
	}
	result := new(PoISResult)
	if result.Generation, err = generate(ctx, c, set); err != nil || c.Files > 0 {
		return result, err
	}
	life := &setLife{ctx: ctx, id: id, set: set}
	if err := life.prepare(c.Params); err != nil {
		return nil, err
	}
	result.Steps, err = life.steps()
	return result, err
}

func generate(ctx context.Context, c PoISConfig, set *pois.Set) (*FileResult, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var kept int64
	enough := false
	result, err := measure(0, max(c.Workers, 1), func() error {
		err := pois.Generate(ctx, set, pois.GenerateOptions{Workers: c.Workers, Progress: func(p pois.Progress) {
			kept = p.Bytes / 2
			if c.Progress != nil {
				c.Progress(p.Done, p.Total)
			}
			if enough = enough || c.Files > 0 && p.Done >= c.Files; enough {
				cancel()
			}
		}})
		if enough && errors.Is(err, context.Canceled) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("generate: %w", err)
	}
	result.Bytes = kept
	return result, nil
}

// setLife is a set with everything that its operations need.
type setLife struct {
	ctx      context.Context
	id       pois.ID
	set      *pois.Set
	key      accumulator.Key
	verifier *pois.Verifier
	commits  *wire.Commits
	rows     []wire.Int64Slice
	labels   [][]byte
	elements *accumulator.Elements
	chals    []int64

	empty, full *accumulator.Accumulator
	status      pois.Status // before and after insertion
	inserted    pois.Status
	group       *wire.CommitProofGroup
	insertion   *wire.AccProof
	chains      []wire.AccWitnessNode
	space       *wire.SpaceProof
	roots       [][]byte
	deletion    *accumulator.Change
}

// Elements makes a setLife the source of its accumulators.
func (l *setLife) Elements(int64) (*accumulator.Elements, error) { return l.elements, nil }

func (l *setLife) prepare(p pois.Params) (err error) {
	if l.key, err = accumulator.GenerateKey(rand.Reader); err != nil {
		return err
	}
	if l.verifier, err = pois.NewVerifier(p, pois.WithAllPaths()); err != nil {
		return err
	}
	if l.commits, err = l.set.Commits(); err != nil {
		return err
	}
	if l.rows, err = l.verifier.Challenge(rand.Reader, l.commits); err != nil {
		return err
	}
	for i := range int64(pois.SpaceChallenges) {
		l.chals = append(l.chals, int64(p.N)*int64(p.D)+i*int64(p.N/pois.SpaceChallenges)+i)
	}
	l.empty = accumulator.New(l.key, l)
	l.status = pois.Status{Acc: l.empty.Value()}
	l.labels, err = l.set.Elements()
	return err
}

func (l *setLife) steps() ([]Step, error) {
	return runSteps([]namedWork{
		{"prove a commitment, all paths", l.proveCommit},
		{"verify a commitment", func() (int, error) { return 0, l.verifier.VerifyCommit(l.id, l.commits, l.rows, l.group) }},
		{"prove an insertion", l.insert},
		{"verify an insertion", l.verifyInsertion},
		{"witnesses of a set", l.witnesses},
		{"prove space of a set", l.proveSpace},
		{"verify space of a set", func() (int, error) {
			return 0, l.verifier.VerifySpace(l.id, l.key, l.inserted, l.chals, l.space)
		}},
		{"prove a deletion of 8 files", l.remove},
		{"verify a deletion of 8 files", func() (int, error) {
			_, err := l.verifier.VerifyDeletion(l.id, l.key, l.inserted, l.roots, l.deletion)
			return 0, err
		}},
	})
}

func (l *setLife) proveCommit() (n int, err error) {
	if l.group, err = l.set.ProveCommit(l.ctx, l.rows, pois.AllPaths); err != nil {
		return 0, err
	}
	return len(wire.Marshal(l.group)), nil
}

func (l *setLife) insert() (n int, err error) {
	if l.elements, err = accumulator.NewElements(l.labels); err != nil {
		return 0, err
	}
	next, change, err := l.empty.Insert(l.elements)
	if err != nil {
		return 0, err
	}
	l.full = next
	l.insertion = &wire.AccProof{Indexs: l.commits.FileIndexs, Labels: l.labels, WitChains: change.Chain, AccPath: change.Path}
	return len(wire.Marshal(l.insertion)), nil
}

func (l *setLife) verifyInsertion() (n int, err error) {
	l.inserted, err = l.verifier.VerifyInsertion(l.id, l.key, l.status, l.commits, l.insertion)
	return 0, err
}

func (l *setLife) witnesses() (n int, err error) {
	l.chains, err = l.full.Witnesses(1, pois.SetFiles+1)
	return 0, err
}

func (l *setLife) proveSpace() (n int, err error) {
	if l.space, err = l.set.ProveSpace(l.ctx, l.chals, 1, pois.SetFiles+1, l.chains); err != nil {
		return 0, err
	}
	return len(wire.Marshal(l.space)), nil
}

func (l *setLife) remove() (n int, err error) {
	const files = 8
	if _, l.deletion, err = l.full.Delete(files); err != nil {
		return 0, err
	}
	l.roots = nil
	for file := int64(1); file <= files; file++ {
		root, err := l.set.FileRoot(file)
		if err != nil {
			return 0, err
		}
		l.roots = append(l.roots, root[:])
	}
	return len(wire.Marshal(&wire.RequestVerifyDeletionProof{Roots: l.roots, WitChain: l.deletion.Chain, AccPath: l.deletion.Path})), nil
}
