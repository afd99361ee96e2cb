package substrate

import (
	"fmt"
	"math"

	"github.com/gocess/gocess/primitives/scale"
)

// Weight is the cost of execution.
type Weight struct {
	RefTime   uint64 `scale:"ref_time,compact" type:"u64"`   // picoseconds on the reference machine
	ProofSize uint64 `scale:"proof_size,compact" type:"u64"` // bytes of storage proof
}

// MaxWeight is the largest weight.
var MaxWeight = Weight{math.MaxUint64, math.MaxUint64}

// ScaleType implements the convention of package scale.
func (Weight) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_weights::weight_v2::Weight"}
}

func (w Weight) String() string { return fmt.Sprintf("%d ps + %d B", w.RefTime, w.ProofSize) }

// Add is w + o, saturating in each part.
func (w Weight) Add(o Weight) Weight {
	return Weight{saturatingAdd(w.RefTime, o.RefTime), saturatingAdd(w.ProofSize, o.ProofSize)}
}

// Sub is w − o, saturating in each part.
func (w Weight) Sub(o Weight) Weight {
	return Weight{w.RefTime - min(o.RefTime, w.RefTime), w.ProofSize - min(o.ProofSize, w.ProofSize)}
}

// Mul is n · w, saturating in each part.
func (w Weight) Mul(n uint64) Weight {
	return Weight{saturatingMul(w.RefTime, n), saturatingMul(w.ProofSize, n)}
}

// Min is the smaller of both in each part.
func (w Weight) Min(o Weight) Weight {
	return Weight{min(w.RefTime, o.RefTime), min(w.ProofSize, o.ProofSize)}
}

// Max is the larger of both in each part.
func (w Weight) Max(o Weight) Weight {
	return Weight{max(w.RefTime, o.RefTime), max(w.ProofSize, o.ProofSize)}
}

// AnyGreater reports whether w exceeds limit in some part.
func (w Weight) AnyGreater(limit Weight) bool {
	return w.RefTime > limit.RefTime || w.ProofSize > limit.ProofSize
}

// IsZero reports whether both parts are zero.
func (w Weight) IsZero() bool { return w == Weight{} }

func saturatingAdd(a, b uint64) uint64 {
	if a+b < a {
		return math.MaxUint64
	}
	return a + b
}

func saturatingMul(a, b uint64) uint64 {
	if a != 0 && b > math.MaxUint64/a {
		return math.MaxUint64
	}
	return a * b
}

// RuntimeDbWeight is the cost of one database access, in picoseconds.
type RuntimeDbWeight struct {
	Read  uint64 `type:"u64"`
	Write uint64 `type:"u64"`
}

// ScaleType implements the convention of package scale.
func (RuntimeDbWeight) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_weights::RuntimeDbWeight"}
}

// ReadsWrites is the weight of r reads and w writes.
func (c RuntimeDbWeight) ReadsWrites(r, w uint64) Weight {
	return Weight{RefTime: saturatingAdd(saturatingMul(c.Read, r), saturatingMul(c.Write, w))}
}
