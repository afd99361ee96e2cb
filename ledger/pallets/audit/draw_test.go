package audit

import (
	"encoding/hex"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The test vector of spec/pallets-mining.md §2.3: randomness 0x11…11, block
// 43,200, the graph of the public network.
func TestParameterVector(t *testing.T) {
	var d dice
	for i := range d.randomness {
		d.randomness[i] = 0x11
	}
	const seed = 43_200
	if h := d.hash(seed); hex.EncodeToString(h[:]) != "1c5077b2547350c4683ac3a016b90ceaa757a22ecd4970ebd871b24f86d35ce2" {
		t.Errorf("rnd(43200) = %x", h)
	}
	if n := d.number(seed); n != 14145933237179338780 {
		t.Errorf("rnd64(43200) = %d", n)
	}
	q, ok := d.serviceParam(seed)
	if !ok || len(q.RandomIndexList) != 47 || len(q.RandomList) != 47 {
		t.Fatalf("%v: %d blocks, %d coefficients", ok, len(q.RandomIndexList), len(q.RandomList))
	}
	if got := q.RandomIndexList[:8]; !slices.Equal(got, []uint32{388, 500, 854, 113, 714, 781, 182, 953}) {
		t.Errorf("first blocks %v", got)
	}
	if got := q.RandomIndexList[46]; got != 470 {
		t.Errorf("last block %d", got)
	}
	for i, want := range map[int]string{
		0: "5dfda2e86a142e76890b21990fc4f9311fec8423", 46: "4081e85441f9f578754a22b3839899f2bfe1f6d7",
	} {
		if got := hex.EncodeToString(q.RandomList[i][:]); got != want {
			t.Errorf("coefficient %d is %s, want %s", i, got, want)
		}
	}
	p, ok := d.spaceParam(seed, 1<<20, 64)
	want := SpaceChallengeParam{67691822, 67637296, 67708832, 68055521, 67414406, 67556682, 67952187, 67524726}
	if !ok || p != want {
		t.Errorf("space_param %v, want %v", p, want)
	}
}

// Upstream gives a challenge up when a node of the space challenge comes
// twice: in a graph of 16 nodes per layer almost always.
func TestSpaceParamDrawsAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := dice{[32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "randomness"))}
		seed := rapid.Uint32().Draw(t, "block")
		n := rapid.SampledFrom([]uint64{16, 2048, 1 << 20}).Draw(t, "nodes of a layer")
		layers := rapid.Uint64Range(1, 64).Draw(t, "layers")
		p, ok := d.spaceParam(seed, n, layers)
		if !ok {
			if n == 16 {
				return // 25 draws may not be enough of 16 nodes
			}
			t.Fatal("no challenge")
		}
		for i, node := range p {
			if node < n*layers || node >= n*(layers+1) || slices.Contains(p[:i], node) {
				t.Fatalf("nodes %v of the last layer of %d·%d", p, layers, n)
			}
		}
	})
	found := 0
	for seed := range uint32(1000) {
		if _, ok := (dice{}).spaceParam(seed, 16, 8); ok {
			found++
		}
	}
	if found < 990 {
		t.Errorf("%d of 1000 challenges of a graph of 16 nodes", found)
	}
	for _, bad := range [][2]uint64{{0, 8}, {7, 8}, {1 << 40, 1 << 40}, {1 << 32, 1<<32 - 1}, {1, ^uint64(0)}} {
		if _, ok := (dice{}).spaceParam(1, bad[0], bad[1]); ok {
			t.Errorf("a challenge of a graph of %d·%d nodes", bad[0], bad[1])
		}
	}
}

func TestServiceParamIsDistinct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := dice{[32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "randomness"))}
		q, ok := d.serviceParam(rapid.Uint32().Draw(t, "block"))
		if !ok {
			t.Fatal("no challenge")
		}
		blocks := slices.Sorted(slices.Values(q.RandomIndexList))
		if len(slices.Compact(blocks)) != sampledBlocks || blocks[len(blocks)-1] >= blocksPerFragment {
			t.Fatalf("blocks %v", blocks)
		}
	})
}
