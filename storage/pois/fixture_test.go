package pois

import (
	"bytes"
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"sync"
	"testing"

	"github.com/gocess/gocess/storage/pois/accumulator"
	"github.com/gocess/gocess/storage/pois/wire"
)

// world is a miner with two certified sets of small files and every message of their life. It is made once.
type world struct {
	p       Params
	id      ID
	key     accumulator.Key
	sets    []*Set
	accs    []*accumulator.Accumulator // after 0, 1, 2 sets
	status  []Status
	commits []*wire.Commits
	rows    [][]wire.Int64Slice
	group   []*wire.CommitProofGroup // all paths
	insert  []*wire.AccProof
	chals   []int64
	space   *wire.SpaceProof // of set 2
}

// reader makes a deterministic challenge.
type reader struct{ *rand.ChaCha8 }

func testKey() accumulator.Key {
	n := new(big.Int).Lsh(big.NewInt(1), 2048)
	k, err := accumulator.ParseKey(n.Sub(n, big.NewInt(1942289)).Bytes(), []byte{3})
	if err != nil {
		panic(err)
	}
	return k
}

// Elements makes a world the source of its accumulators.
func (w *world) Elements(set int64) (*accumulator.Elements, error) {
	values, err := w.sets[set-1].Elements()
	if err != nil {
		return nil, err
	}
	return accumulator.NewElements(values)
}

var theWorld = sync.OnceValues(makeWorld)

func TestMain(m *testing.M) {
	code := m.Run()
	if worldDir != "" {
		_ = os.RemoveAll(worldDir)
	}
	os.Exit(code)
}

var worldDir string

func makeWorld() (w *world, err error) {
	if worldDir, err = os.MkdirTemp("", "pois"); err != nil {
		return nil, err
	}
	w = &world{p: Params{8, 1024, 4}, id: goldenID(), key: testKey(), chals: []int64{4096, 4097, 4600, 5119, 4500, 4111, 4222, 4333}}
	ctx := context.Background()
	acc := accumulator.New(w.key, w)
	w.accs, w.status = []*accumulator.Accumulator{acc}, []Status{{Acc: acc.Value()}}
	v, err := NewVerifier(w.p)
	if err != nil {
		return nil, err
	}
	for number := int64(1); number <= 2; number++ {
		s, err := OpenSet(w.p, w.id, number, fmt.Sprintf("%s/%d", worldDir, number))
		if err != nil {
			return nil, err
		}
		if err := Generate(ctx, s, GenerateOptions{}); err != nil {
			return nil, err
		}
		w.sets = append(w.sets, s)
		commits, err := s.Commits()
		if err != nil {
			return nil, err
		}
		rows, err := v.Challenge(reader{rand.NewChaCha8([32]byte{byte(number)})}, commits)
		if err != nil {
			return nil, err
		}
		group, err := s.ProveCommit(ctx, rows, AllPaths)
		if err != nil {
			return nil, err
		}
		e, err := w.Elements(number)
		if err != nil {
			return nil, err
		}
		next, change, err := acc.Insert(e)
		if err != nil {
			return nil, err
		}
		acc = next
		w.commits, w.rows, w.group = append(w.commits, commits), append(w.rows, rows), append(w.group, group)
		w.insert = append(w.insert, &wire.AccProof{Indexs: commits.FileIndexs, Labels: e.Values, WitChains: change.Chain, AccPath: change.Path})
		w.accs, w.status = append(w.accs, acc), append(w.status, Status{Acc: acc.Value(), Rear: number * SetFiles})
	}
	chains, err := acc.Witnesses(257, 513)
	if err != nil {
		return nil, err
	}
	w.space, err = w.sets[1].ProveSpace(ctx, w.chals, 257, 513, chains)
	return w, err
}

func getWorld(t testing.TB) *world {
	t.Helper()
	w, err := theWorld()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func verifier(t testing.TB, w *world, o ...VerifierOption) *Verifier {
	t.Helper()
	v, err := NewVerifier(w.p, o...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// clone is a deep copy of a message.
func clone[M any](t testing.TB, m *M) *M {
	t.Helper()
	c, err := wire.Unmarshal[M](bytes.Clone(wire.Marshal(m)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// strip takes away the paths that the upstream form does not have.
func strip(g *wire.CommitProofGroup) *wire.CommitProofGroup {
	for _, row := range g.CommitProofGroupInner {
		for _, proof := range row.CommitProof {
			for i := range proof.Parents {
				if m := &proof.Parents[i]; !needsPath(int(m.Index)) {
					m.Paths, m.Locs = nil, nil
				}
			}
		}
	}
	return g
}
