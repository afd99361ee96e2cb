package pois

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gocess/gocess/storage/pois/internal/multisha"
)

// TestLevelsAgree fills layer files of random neighbours with every set of instructions that this machine has. In the
// small graphs most windows have targets, in some of them a node selects one of its own window, or itself.
func TestLevelsAgree(t *testing.T) {
	for _, p := range []Params{{8, 256, 1}, {8, 512, 1}, {8, 512, 2}, {8, 1024, 3}, {8, 2048, 8}, {8, 4096, 5}, {8, 16384, 64}, {8, 32768, 100}} {
		for _, layer := range []int{0, 1, 7, 8, 15} {
			if underRace && p.N > 4096 && layer != 1 && layer != 15 {
				continue // one without and one with elders will do
			}
			t.Run(fmt.Sprint(p.N, "/", p.D, "/", layer), func(t *testing.T) {
				want, nodes := filled(t, p, layer, multisha.None)
				for _, level := range []multisha.Level{multisha.AVX2, multisha.AVX512} {
					if level > vectors {
						continue
					}
					got, gotNodes := filled(t, p, layer, level)
					if !bytes.Equal(got, want) || !slices.Equal(gotNodes, nodes) {
						t.Errorf("%v differs from the portable code", level)
					}
				}
			})
		}
	}
}

func filled(t *testing.T, p Params, layer int, level multisha.Level) ([]byte, []Hash) {
	t.Helper()
	random := rand.NewChaCha8([32]byte{byte(layer)})
	file := func() []byte {
		b := make([]byte, p.FileSize())
		_, _ = random.Read(b)
		return b
	}
	j := newLayerJob(newGraph(p), goldenID(), level)
	j.cluster, j.layer, j.nodes, j.out, j.neighbour = 3, layer, make([]Hash, p.N/p.chunk()), make([]byte, p.FileSize()), file()
	if layer > 0 {
		j.prev = file()
	}
	if layer >= p.K {
		j.elders = file()
	}
	j.start()
	const step = 4096
	for from := 0; from < p.N; from += step {
		j.fill(from, min(from+step, p.N))
	}
	return j.out, j.nodes
}

// TestPortableSet generates a whole set without vector instructions; under the race detector the smallest.
func TestPortableSet(t *testing.T) {
	g := goldenSets[1]
	if underRace {
		g = goldenSets[0]
	}
	s := generateTemp(t, g.p, 1, GenerateOptions{Workers: 2, portable: true})
	equalHex(t, "file-roots", fileSum(t, s.rootsFile()), g.sum)
}
