package pois

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/gocess/gocess/storage/pois/wire"
)

func TestHonestLife(t *testing.T) {
	w := getWorld(t)
	v, strict := verifier(t, w), verifier(t, w, WithAllPaths())
	for i := range w.sets {
		if err := strict.VerifyCommit(w.id, w.commits[i], w.rows[i], w.group[i]); err != nil {
			t.Error("commit, all paths:", err)
		}
		some, err := w.sets[i].ProveCommit(context.Background(), w.rows[i], SomePaths)
		if err != nil {
			t.Fatal(err)
		}
		if err := v.VerifyCommit(w.id, w.commits[i], w.rows[i], some); err != nil {
			t.Error("commit, upstream form:", err)
		}
		if !bytes.Equal(wire.Marshal(some), wire.Marshal(strip(clone(t, w.group[i])))) {
			t.Error("the two forms differ in more than paths")
		}
		if err := strict.VerifyCommit(w.id, w.commits[i], w.rows[i], some); err == nil {
			t.Error("upstream form accepted where all paths are required")
		}
		got, err := v.VerifyInsertion(w.id, w.key, w.status[i], w.commits[i], w.insert[i])
		if err != nil || !bytes.Equal(got.Acc, w.status[i+1].Acc) || got.Rear != w.status[i+1].Rear {
			t.Error("insertion:", got.Rear, err)
		}
	}
	if err := v.VerifySpace(w.id, w.key, w.status[2], w.chals, w.space); err != nil {
		t.Error("space:", err)
	}
	for _, num := range []int{1, 8, 256} {
		_, change, err := w.accs[2].Delete(num)
		if err != nil {
			t.Fatal(err)
		}
		got, err := v.VerifyDeletion(w.id, w.key, w.status[2], deletionRoots(t, w, 1, num), change)
		if err != nil || got.Front != int64(num) {
			t.Error("deletion:", got.Front, err)
		}
	}
}

func deletionRoots(t testing.TB, w *world, first int64, num int) (roots [][]byte) {
	for i := range int64(num) {
		root, err := w.sets[SetOf(first+i)-1].FileRoot(first + i)
		if err != nil {
			t.Fatal(err)
		}
		roots = append(roots, root[:])
	}
	return roots
}

// TestEveryNode opens nodes of all layers, so that layer 0 and the first layer file are met, which challenges rarely do.
func TestEveryNode(t *testing.T) {
	w := getWorld(t)
	v, s := verifier(t, w, WithAllPaths()), w.sets[0]
	files := newReaders(s)
	defer files.Close()
	batch := &pathBatch{p: w.p}
	for layer := range Layers {
		for _, cluster := range []int64{1, 2, 32} {
			for _, position := range []int{0, 1, 255, 256, 700, 1023} {
				index := w.p.logical(layer)*w.p.N + position
				parents := s.g.parents(nil, &w.id, cluster, layer, index)
				proof, err := s.proveNode(files, cluster, layer, index, parents, AllPaths)
				if err != nil {
					t.Fatal(err)
				}
				o := opening{v: v, batch: batch, id: &w.id, roots: w.commits[0].Roots, t: int(cluster - 1), cluster: cluster, layer: layer, index: index, parents: parents}
				if err := errors.Join(o.verify(&proof), batch.verify()); err != nil {
					t.Errorf("layer %d, cluster %d, position %d: %v", layer, cluster, position, err)
				}
			}
		}
	}
}

func TestGoldenBlocks(t *testing.T) {
	chals := []int64{68000001, 67108864, 67500000, 67999999, 67123456, 67654321, 68157439, 67777777}
	b, err := NewBlocks(goldenID(), chals, 300, 10240)
	if err != nil {
		t.Fatal(err)
	}
	var prior [32]byte
	var blocks []Block
	for _, want := range []int64{2305, 6913, 9473} {
		left, right, ok := b.Next(prior)
		if !ok || left != want || right != want+256 {
			t.Errorf("block [%d, %d), want %d", left, right, want)
		}
		prior = sha256.Sum256(fmt.Appendf(nil, "prior-%d", left))
		blocks = append(blocks, Block{prior, left, right})
	}
	if _, _, ok := b.Next(prior); ok {
		t.Error("a fourth block")
	}
	s := Status{Front: 300, Rear: 10240}
	blocks[0], blocks[2] = blocks[2], blocks[0]
	total, err := VerifyBlocks(goldenID(), chals, s, blocks)
	if err != nil || total != IdleProof([][32]byte{blocks[2].Hash, blocks[1].Hash, blocks[0].Hash}) {
		t.Error(err)
	}
	if _, err := VerifyBlocks(goldenID(), chals, s, append(blocks, blocks[0])); err == nil {
		t.Error("surplus block accepted")
	}
	blocks[1].Left++
	if _, err := VerifyBlocks(goldenID(), chals, s, blocks); err == nil {
		t.Error("wrong block accepted")
	}
	empty, err := NewBlocks(goldenID(), chals, 256, 256)
	if err != nil || empty.Total() != 0 {
		t.Error("blocks without live files")
	}
}

func TestParamsThatCannotWork(t *testing.T) {
	for _, p := range []Params{{80, 1 << 20, 64}, {8, 1<<20 + 1, 64}, {8, 1 << 13, 64}, {8, 1 << 28, 64}, {8, 0, 1}, {8, 1 << 20, 0}, {8, 1 << 20, 129}, {8, -4, 1}} {
		if p.Validate() == nil {
			t.Errorf("%+v accepted", p)
		}
	}
	if Production.Validate() != nil || Dev.Validate() != nil {
		t.Error("good parameters refused")
	}
}

// TestParentsAreASet compares the order in which parents are found with sorting a set, for every node of small graphs:
// in these many nodes select themselves, or the node after them twice.
func TestParentsAreASet(t *testing.T) {
	id := goldenID()
	for _, p := range []Params{{8, 256, 1}, {8, 512, 2}, {8, 1024, 3}} {
		g := newGraph(p)
		for _, layer := range []int{1, 7, 9} {
			for position := range p.N {
				node := p.logical(layer)*p.N + position
				set := map[int]bool{node - p.N: true}
				for i, b := range newSelector(&id, 5, layer).of(node, p.D) {
					switch x := node - position - p.N + i*g.group + g.hub[b]; {
					case x == node-p.N:
						set[x+1] = true
					case x < node-p.N:
						set[x+p.N] = true
					default:
						set[x] = true
					}
				}
				if want := slices.Sorted(maps.Keys(set)); !slices.Equal(g.parents(nil, &id, 5, layer, node), want) {
					t.Fatalf("N %d, layer %d, position %d: %v, want %v", p.N, layer, position, g.parents(nil, &id, 5, layer, node), want)
				}
			}
		}
	}
}
