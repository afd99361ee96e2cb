package substrate

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gocess/gocess/primitives/scale"
)

// EngineID names a consensus engine in digests, such as "BABE" or "FRNK".
type EngineID = [4]byte

// DigestKind is the variant of a DigestItem, numbered as on the wire.
type DigestKind uint8

// The kinds of digest items (spec/wire.md §1.6).
const (
	DigestOther                     DigestKind = 0
	DigestConsensus                 DigestKind = 4
	DigestSeal                      DigestKind = 5
	DigestPreRuntime                DigestKind = 6
	DigestRuntimeEnvironmentUpdated DigestKind = 8
)

// Digest is the list of consensus remarks in a header.
type Digest struct {
	Logs []DigestItem `type:"Vec<DigestItem>"`
}

// ScaleType implements the convention of package scale.
func (Digest) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_runtime::generic::digest::Digest"}
}

// MarshalJSON gives {"logs":["0x…"]}, the items in SCALE.
func (g Digest) MarshalJSON() ([]byte, error) {
	logs := make([]string, len(g.Logs))
	for i, item := range g.Logs {
		b, err := scale.Marshal(item)
		if err != nil {
			return nil, err
		}
		logs[i] = toHex(b)
	}
	return json.Marshal(struct {
		Logs []string `json:"logs"`
	}{logs})
}

// UnmarshalJSON reads what MarshalJSON gives.
func (g *Digest) UnmarshalJSON(b []byte) error {
	var text struct {
		Logs []string `json:"logs"`
	}
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	g.Logs = nil
	for _, s := range text.Logs {
		raw, err := hex.DecodeString(strings.TrimPrefix(s, "0x"))
		if err != nil {
			return fmt.Errorf("substrate: digest item: %w", err)
		}
		item, err := scale.Unmarshal[DigestItem](raw)
		if err != nil {
			return fmt.Errorf("substrate: digest item: %w", err)
		}
		g.Logs = append(g.Logs, item)
	}
	return nil
}

// DigestItem is one remark. Engine is set for Consensus, Seal and PreRuntime; Data for
// all but RuntimeEnvironmentUpdated.
type DigestItem struct {
	Kind   DigestKind
	Engine EngineID
	Data   []byte
}

// hasEngine reports whether items of this kind name an engine; ok is false for no kind.
func (k DigestKind) hasEngine() (engine, ok bool) {
	switch k {
	case DigestConsensus, DigestSeal, DigestPreRuntime:
		return true, true
	case DigestOther, DigestRuntimeEnvironmentUpdated:
		return false, true
	}
	return false, false
}

// AppendScale implements the convention of package scale.
func (i DigestItem) AppendScale(dst []byte) ([]byte, error) {
	engine, ok := i.Kind.hasEngine()
	if !ok {
		return dst, fmt.Errorf("%w (%d)", scale.ErrUnknownVariant, i.Kind)
	}
	dst = append(dst, byte(i.Kind))
	if engine {
		dst = append(dst, i.Engine[:]...)
	}
	if i.Kind == DigestRuntimeEnvironmentUpdated {
		return dst, nil
	}
	return scale.AppendBytes(dst, i.Data), nil
}

// DecodeScale implements the convention of package scale.
func (i *DigestItem) DecodeScale(d *scale.Decoder) error {
	*i = DigestItem{}
	kind, err := d.Byte()
	if err != nil {
		return err
	}
	i.Kind = DigestKind(kind)
	engine, ok := i.Kind.hasEngine()
	if !ok {
		return d.Errorf("%w (%d)", scale.ErrUnknownVariant, kind)
	}
	if engine {
		b, err := d.Bytes(4)
		if err != nil {
			return err
		}
		i.Engine = EngineID(b)
	}
	if i.Kind == DigestRuntimeEnvironmentUpdated {
		return nil
	}
	i.Data, err = d.ByteVec()
	return err
}

// ScaleType implements the convention of package scale.
func (DigestItem) ScaleType() scale.TypeInfo { return scale.TypeInfo{Def: digestItemDef} }

var digestItemDef = &scale.TypeDef{
	Path: "sp_runtime::generic::digest::DigestItem",
	Kind: scale.KindVariant,
	Variants: []scale.VariantDef{
		engineVariant(6, "PreRuntime"),
		engineVariant(4, "Consensus"),
		engineVariant(5, "Seal"),
		variant[[]byte](0, "Other", "Vec<u8>"),
		unit(8, "RuntimeEnvironmentUpdated"),
	},
}

func engineVariant(index uint8, name string) scale.VariantDef {
	return scale.VariantDef{Name: name, Index: index, Fields: []scale.Field{
		{Type: scale.TypeOf[EngineID](), TypeName: "ConsensusEngineId"},
		{Type: scale.TypeOf[[]byte](), TypeName: "Vec<u8>"},
	}}
}
