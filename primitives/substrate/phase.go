package substrate

import (
	"fmt"

	"github.com/gocess/gocess/primitives/scale"
)

// Phase is the part of a block's execution that an event belongs to. It is a comparable
// value; the zero value is the application of extrinsic 0.
type Phase struct {
	kind      uint8
	extrinsic uint32
}

// The phases around the extrinsics.
var (
	Finalization   = Phase{kind: 1}
	Initialization = Phase{kind: 2}
)

// ApplyExtrinsic is the phase of the extrinsic at the given position in the block.
func ApplyExtrinsic(index uint32) Phase { return Phase{extrinsic: index} }

// Extrinsic is the position of the extrinsic being applied, if one is.
func (p Phase) Extrinsic() (uint32, bool) { return p.extrinsic, p.kind == 0 }

func (p Phase) String() string {
	switch p.kind {
	case 0:
		return fmt.Sprintf("ApplyExtrinsic(%d)", p.extrinsic)
	case 1:
		return "Finalization"
	}
	return "Initialization"
}

// AppendScale implements the convention of package scale.
func (p Phase) AppendScale(dst []byte) ([]byte, error) {
	dst = append(dst, p.kind)
	if p.kind == 0 {
		dst = scale.AppendUint32(dst, p.extrinsic)
	}
	return dst, nil
}

// DecodeScale implements the convention of package scale.
func (p *Phase) DecodeScale(d *scale.Decoder) (err error) {
	*p = Phase{}
	if p.kind, err = d.Byte(); err != nil {
		return err
	}
	switch p.kind {
	case 0:
		p.extrinsic, err = d.Uint32()
		return err
	case 1, 2:
		return nil
	}
	return d.Errorf("%w (%d)", scale.ErrUnknownVariant, p.kind)
}

// ScaleType implements the convention of package scale.
func (Phase) ScaleType() scale.TypeInfo { return scale.TypeInfo{Def: phaseDef} }

var phaseDef = &scale.TypeDef{
	Path: "frame_system::Phase",
	Kind: scale.KindVariant,
	Variants: []scale.VariantDef{
		variant[uint32](0, "ApplyExtrinsic", "u32"), unit(1, "Finalization"), unit(2, "Initialization"),
	},
}
