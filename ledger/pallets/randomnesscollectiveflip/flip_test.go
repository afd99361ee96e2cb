package randomnesscollectiveflip_test

import (
	"testing"

	"golang.org/x/crypto/blake2b"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	flip "github.com/gocess/gocess/ledger/pallets/randomnesscollectiveflip"
	"github.com/gocess/gocess/primitives/substrate"
)

func TestTheRingHoldsTheLastHashes(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	var parents []substrate.H256
	for n := range 200 {
		parents = append(parents, c.Parent().Hash)
		c.NextBlocks(1)
		ring := flip.Material.Get(c.Ctx())
		if len(ring) != min(n+1, 81) {
			t.Fatalf("block %d: %d hashes", c.Number(), len(ring))
		}
		for back := range ring {
			if i := n - back; ring[i%81] != parents[i] {
				t.Fatalf("block %d: the hash of block %d is not at its place", c.Number(), i)
			}
		}
	}
}

func TestRandomIsTheMajorityOfTheHashes(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	if value, since := (flip.API{}).Random(c.Ctx(), nil); value != (substrate.H256{}) || since != 0 {
		t.Errorf("before the first block: %x since %d", value, since)
	}
	seen := map[substrate.H256]bool{}
	for _, height := range []uint32{1, 2, 80, 81, 82, 170} {
		c.GoTo(height)
		ring := flip.Material.Get(c.Ctx())
		for _, subject := range []string{"", "a", "another"} {
			value, since := flip.API{}.Random(c.Ctx(), []byte(subject))
			if want := reference(ring, height, subject); value != want {
				t.Errorf("block %d, %q: %x, want %x", height, subject, value, want)
			}
			if seen[value] {
				t.Errorf("block %d, %q: the value was seen before", height, subject)
			}
			seen[value] = true
			if want := max(height, 81) - 81; since != want {
				t.Errorf("block %d: known since %d, want %d", height, since, want)
			}
		}
	}
}

// reference follows the framework's way: a stack of triples, one for each
// depth.
func reference(ring []substrate.H256, height uint32, subject string) (result substrate.H256) {
	var stack [4][3]substrate.H256
	start := int((height - 1) % 81)
	for i := range 81 {
		b := append([]byte{byte(i), byte(len(subject) << 2)}, subject...)
		h := ring[(start+i)%len(ring)]
		stack[0][i%3] = blake2b.Sum256(append(b, h[:]...))
		at := i
		for depth := range stack {
			if at%3 != 2 {
				break
			}
			at /= 3
			three := stack[depth]
			for j := range result {
				result[j] = three[0][j]&three[1][j] | three[0][j]&three[2][j] | three[1][j]&three[2][j]
			}
			if depth+1 < len(stack) {
				stack[depth+1][at%3] = result
			}
		}
	}
	return result
}
