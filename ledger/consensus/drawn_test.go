package consensus

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"testing"

	"github.com/gocess/gocess/primitives/crypto"
)

// drawer plays the validators of a chain whose state is randomness alone: all
// the rest of a block cannot influence it.
type drawer struct {
	t     testing.TB
	keys  []crypto.Pair
	r     [32]byte // of the best block
	seed  [32]byte // Babe.Randomness
	next  [32]byte // Babe.NextRandomness
	drawn [][32]byte
}

// epoch of the drawer's chain, in blocks.
const drawnEpoch = 50

func newDrawer(t testing.TB, validators int) *drawer {
	t.Helper()
	d := &drawer{t: t}
	for i := range validators {
		d.keys = append(d.keys, pair(t, crypto.Sr25519, "//Draw%d", i))
	}
	return d
}

// slot is what the validators' VRFs sign for a height.
func (d *drawer) slot(height uint32) Slot {
	return Slot{Number: 1_000 + uint64(height), Epoch: uint64(height-1) / drawnEpoch, Randomness: d.seed}
}

// extension is validator i's for a height.
func (d *drawer) extension(i int, height uint32) []byte {
	d.t.Helper()
	ext, err := signExtension(d.keys[i], d.slot(height).transcript())
	if err != nil {
		d.t.Fatal(err)
	}
	return ext
}

// contribution is what an extension counts for; nothing if it is bad.
func (d *drawer) contribution(i int, height uint32, ext []byte) *contribution {
	c, err := verifyExtension(ext, [32]byte(d.keys[i].Public()), d.slot(height).transcript())
	if err != nil {
		return nil
	}
	return c
}

// draw makes block height: the contributions are those to the block before.
func (d *drawer) draw(height uint32) {
	d.t.Helper()
	if height == 1 {
		return // the first block has none
	}
	var list []*contribution
	for i := range d.keys {
		list = append(list, d.contribution(i, height-1, d.extension(i, height-1)))
	}
	if (height-1)%drawnEpoch == 0 {
		d.turn(uint64(height-1) / drawnEpoch)
	}
	d.r = blockRandomness(height, d.r, list)
	d.drawn = append(d.drawn, d.r)
}

// turn begins an epoch as the Babe pallet does (spec/consensus.md §9.4).
func (d *drawer) turn(epoch uint64) {
	parts := [][]byte{d.next[:], binary.LittleEndian.AppendUint64(nil, epoch+1)}
	for i := range d.drawn {
		parts = append(parts, d.drawn[i][:])
	}
	d.seed, d.next, d.drawn = d.next, crypto.Blake2b256(parts...), nil
}

// chiSquare is the statistic of counts that should be equal.
func chiSquare(counts []int) float64 {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	want := float64(sum) / float64(len(counts))
	x := 0.0
	for _, n := range counts {
		d := float64(n) - want
		x += d * d / want
	}
	return x
}

// critical is the value that the chi-square statistic with so many degrees of
// freedom exceeds with a probability of one in 10⁴ (Wilson–Hilferty; z = 3.719).
func critical(freedom int) float64 {
	f := float64(freedom)
	return f * math.Pow(1-2/(9*f)+3.719*math.Sqrt(2/(9*f)), 3)
}

// The randomness of 1,000 blocks, drawn by four validators with real VRFs, looks
// even: its bytes, its bits, its remainders as pallets take them, the pairs of
// successive blocks, and what the ledger derives from it.
func TestRandomnessIsEven(t *testing.T) {
	const blocks = 1_000
	d := newDrawer(t, 4)
	bytesOf := make([]int, 256)
	places := make([]int, 256) // how often each bit is set
	draws := make([]int, 1000/20)
	pairs := make([]int, 64)
	seen := map[[32]byte]bool{}
	last := byte(0)
	for height := uint32(1); height <= blocks+1; height++ {
		d.draw(height)
		if height == 1 {
			continue
		}
		if seen[d.r] {
			t.Fatalf("block %d repeats", height)
		}
		seen[d.r] = true
		for i, b := range d.r {
			bytesOf[b]++
			for bit := range 8 {
				places[8*i+bit] += int(b >> bit & 1)
			}
		}
		// The election draws numbers below 1000 from a hash of R.
		sum := sha256.Sum256(d.r[:])
		draws[binary.LittleEndian.Uint32(sum[:])%1000/20]++
		pairs[(last&7)<<3|d.r[0]&7]++
		last = d.r[0]
	}
	for name, counts := range map[string][]int{"bytes": bytesOf, "draws": draws, "pairs": pairs} {
		x, limit := chiSquare(counts), critical(len(counts)-1)
		t.Logf("%s: χ² %.1f with %d degrees of freedom; limit %.1f", name, x, len(counts)-1, limit)
		if x > limit {
			t.Errorf("%s are uneven", name)
		}
	}
	// 256 bits with a standard deviation of √1000/2 each: none is off by 5 of them.
	for i, n := range places {
		if math.Abs(float64(n)-blocks/2) > 5*math.Sqrt(blocks)/2 {
			t.Errorf("bit %d is set in %d of %d blocks", i, n, blocks)
		}
	}
}

// Whatever a validator does with its vote for a height, the next block's R is one
// of two values: that with its contribution or that without
// (docs/protocol/randomness.md).
func TestOneValidatorChoosesBetweenTwoValues(t *testing.T) {
	d := newDrawer(t, 4)
	const cheater = 1
	for height := uint32(1); height <= 20; height++ {
		d.draw(height)
		honest := d.extension(cheater, height)
		flipped := append([]byte(nil), honest...)
		flipped[40] ^= 1
		elsewhere, err := signExtension(d.keys[cheater], d.slot(height+1).transcript())
		if err != nil {
			t.Fatal(err)
		}
		values := map[[32]byte]bool{}
		for _, ext := range [][]byte{
			honest,
			d.extension(cheater, height), // another proof of the same
			d.extension(cheater, height), // for another round or block
			nil,                          // withheld, or no vote at all
			flipped,
			elsewhere,
			d.extension(0, height), // of another validator
			make([]byte, extensionSize),
		} {
			var list []*contribution
			for i := range d.keys {
				own := d.extension(i, height)
				if i == cheater {
					own = ext
				}
				list = append(list, d.contribution(i, height, own))
			}
			values[blockRandomness(height+1, d.r, list)] = true
		}
		if len(values) != 2 {
			t.Fatalf("height %d: %d values to choose from, want 2", height, len(values))
		}
	}
}

// f validators that act together choose among 2ᶠ values, and the proposer among
// as many as there are sets of votes that it may include: those of more than two
// thirds.
func TestSeveralValidatorsChooseAmongMore(t *testing.T) {
	const n = 7
	d := newDrawer(t, n)
	d.draw(1)
	var all []*contribution
	for i := range n {
		all = append(all, d.contribution(i, 1, d.extension(i, 1)))
	}
	count := func(allowed func(mask int) bool) int {
		values := map[[32]byte]bool{}
		for mask := range 1 << n {
			if !allowed(mask) {
				continue
			}
			var list []*contribution
			for i, c := range all {
				if mask>>i&1 == 1 {
					list = append(list, c)
				}
			}
			values[blockRandomness(2, d.r, list)] = true
		}
		return len(values)
	}
	// Validators 0 and 1 collude: the other five contribute.
	if got := count(func(mask int) bool { return mask>>2 == 1<<(n-2)-1 }); got != 4 {
		t.Errorf("two colluders have %d values, want 4", got)
	}
	// A proposer needs five of seven: 21 + 7 + 1 sets.
	if got := count(func(mask int) bool {
		votes := 0
		for i := range n {
			votes += mask >> i & 1
		}
		return 3*votes > 2*n
	}); got != 29 {
		t.Errorf("a proposer has %d values, want 29", got)
	}
}
