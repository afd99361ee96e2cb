package substrate

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"

	"github.com/gocess/gocess/primitives/scale"
)

// Era is the range of blocks in which an extrinsic is valid. The zero value is immortal.
// On the wire it takes one byte (immortal) or two (spec/wire.md §1.3).
type Era struct {
	period uint64 // 0 = immortal, else a power of two in 4…65536
	phase  uint64 // position of the birth block in its period, a multiple of the quantum
}

// Immortal is the era without end.
var Immortal Era

// MortalEra is an era of about period blocks that contains block current. The period is
// rounded up to a power of two in 4…65536, the birth down by the encoding's quantum.
func MortalEra(period, current uint64) Era {
	p := uint64(4)
	for p < period && p < 1<<16 {
		p <<= 1
	}
	return Era{period: p, phase: current % p / quantum(p) * quantum(p)}
}

// quantum is the granularity of phases: 12 bits on the wire hold them.
func quantum(period uint64) uint64 { return max(period>>12, 1) }

// IsImmortal reports whether e has no end.
func (e Era) IsImmortal() bool { return e.period == 0 }

// Period is the length of the era in blocks; 0 when immortal.
func (e Era) Period() uint64 { return e.period }

// Phase is the position of the birth block within its period; 0 when immortal.
func (e Era) Phase() uint64 { return e.phase }

// Birth is the first block of the era that contains current: the block whose hash the
// extrinsic signs. An immortal era is born at block 0.
func (e Era) Birth(current uint64) uint64 {
	if e.IsImmortal() {
		return 0
	}
	return (max(current, e.phase)-e.phase)/e.period*e.period + e.phase
}

// Death is the first block in which the extrinsic is no longer valid.
func (e Era) Death(current uint64) uint64 {
	if e.IsImmortal() {
		return math.MaxUint64
	}
	return e.Birth(current) + e.period
}

func (e Era) String() string {
	if e.IsImmortal() {
		return "immortal"
	}
	return fmt.Sprintf("mortal(period %d, phase %d)", e.period, e.phase)
}

// AppendScale implements the convention of package scale.
func (e Era) AppendScale(dst []byte) ([]byte, error) {
	if e.IsImmortal() {
		return append(dst, 0), nil
	}
	low := min(15, max(1, bits.TrailingZeros64(e.period)-1))
	return scale.AppendUint16(dst, uint16(low)|uint16(e.phase/quantum(e.period)<<4)), nil
}

// DecodeScale implements the convention of package scale.
func (e *Era) DecodeScale(d *scale.Decoder) error {
	*e = Era{}
	first, err := d.Byte()
	if err != nil || first == 0 {
		return err
	}
	second, err := d.Byte()
	if err != nil {
		return err
	}
	x := uint64(first) | uint64(second)<<8
	period := uint64(2) << (x % 16)
	phase := (x >> 4) * quantum(period)
	if period < 4 || phase >= period {
		return d.Errorf("invalid era %04x", x)
	}
	*e = Era{period: period, phase: phase}
	return nil
}

// ScaleType implements the convention of package scale.
func (Era) ScaleType() scale.TypeInfo { return scale.TypeInfo{Def: eraDef} }

// eraDef shows the era the way the registry can: by its first byte, a variant for each.
var eraDef = func() *scale.TypeDef {
	def := &scale.TypeDef{
		Path:     "sp_runtime::generic::era::Era",
		Kind:     scale.KindVariant,
		Variants: []scale.VariantDef{unit(0, "Immortal")},
	}
	for i := 1; i < 256; i++ {
		def.Variants = append(def.Variants, variant[uint8](uint8(i), "Mortal"+strconv.Itoa(i), ""))
	}
	return def
}()
