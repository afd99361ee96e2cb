package metadata

import (
	"fmt"

	"github.com/gocess/gocess/primitives/scale"
)

// magic is "meta".
const magic = "meta"

// The bodies of both versions (spec/wire.md §6.1, §6.3).

type portableType struct {
	ID   TypeID
	Type Type
}

type bodyV14 struct {
	Types     []portableType
	Pallets   []Pallet
	Extrinsic extrinsicV14
	Runtime   TypeID
}

type extrinsicV14 struct {
	Type       TypeID
	Version    uint8
	Extensions []Extension
}

type bodyV15 struct {
	Types     []portableType
	Pallets   []palletV15
	Extrinsic extrinsicV15
	Runtime   TypeID
	APIs      []API
	Outer     OuterEnums
	Custom    []Custom
}

type palletV15 struct {
	Pallet Pallet
	Docs   []string
}

type extrinsicV15 struct {
	Version    uint8
	Address    TypeID
	Call       TypeID
	Signature  TypeID
	Extra      TypeID
	Extensions []Extension
}

// Decode reads a metadata blob of version 14 or 15. It fails on anything out of place:
// trailing bytes, type ids that are not the position in the registry or refer to nothing,
// calls, events or errors that are not enums.
func Decode(blob []byte) (*Metadata, error) {
	if len(blob) < len(magic)+1 || string(blob[:len(magic)]) != magic {
		return nil, ErrNotMetadata
	}
	m := &Metadata{Version: blob[len(magic)]}
	body := blob[len(magic)+1:]
	var types []portableType
	switch m.Version {
	case V14:
		b, err := scale.Unmarshal[bodyV14](body)
		if err != nil {
			return nil, fmt.Errorf("metadata: %w", err)
		}
		types = b.Types
		m.Pallets, m.Runtime = b.Pallets, b.Runtime
		m.Extrinsic = Extrinsic{Type: b.Extrinsic.Type, Version: b.Extrinsic.Version, Extensions: b.Extrinsic.Extensions}
	case V15:
		b, err := scale.Unmarshal[bodyV15](body)
		if err != nil {
			return nil, fmt.Errorf("metadata: %w", err)
		}
		types = b.Types
		for _, p := range b.Pallets {
			p.Pallet.Docs = p.Docs
			m.Pallets = append(m.Pallets, p.Pallet)
		}
		m.Runtime, m.APIs, m.Outer, m.Custom = b.Runtime, b.APIs, b.Outer, b.Custom
		x := b.Extrinsic
		m.Extrinsic = Extrinsic{Version: x.Version, Address: x.Address, Call: x.Call,
			Signature: x.Signature, Extra: x.Extra, Extensions: x.Extensions}
	default:
		return nil, fmt.Errorf("%w %d", ErrVersion, m.Version)
	}
	m.Types = make([]Type, len(types))
	for i, t := range types {
		if int(t.ID) != i {
			return nil, fmt.Errorf("metadata: type at position %d has id %d", i, t.ID)
		}
		m.Types[i] = t.Type
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	m.complete()
	return m, nil
}

// check makes sure that ids can be used without further checks.
func (m *Metadata) check() error {
	if len(m.Types) == 0 {
		return fmt.Errorf("metadata: empty type registry")
	}
	bad, missing := TypeID(0), false
	note := func(id *TypeID) {
		if int(*id) >= len(m.Types) {
			bad, missing = *id, true
		}
	}
	for i := range m.Types {
		m.Types[i].eachRef(note)
	}
	m.eachRef(note)
	if missing {
		return fmt.Errorf("metadata: type %d does not exist", bad)
	}
	for _, p := range m.Pallets {
		for _, o := range []scale.Option[TypeID]{p.Calls, p.Event, p.Error} {
			if id, ok := o.Get(); ok {
				if _, ok := m.Types[id].Def.(Enum); !ok {
					return fmt.Errorf("metadata: type %d of pallet %.40q is not an enum", id, p.Name)
				}
			}
		}
	}
	return nil
}

// uncheckedExtrinsic is the path by which clients find the extrinsic's parts in V14.
const uncheckedExtrinsic = "sp_runtime::generic::unchecked_extrinsic::UncheckedExtrinsic"

// complete derives what the version leaves out: V15 has no extrinsic type, V14 no parts
// and no outer enums (spec/wire.md §6.5).
func (m *Metadata) complete() {
	if m.Version == V15 {
		for i, t := range m.Types {
			if joinPath(t.Path) == uncheckedExtrinsic {
				m.Extrinsic.Type = TypeID(i)
				return
			}
		}
		return
	}
	x := &m.Extrinsic
	for _, p := range m.Types[x.Type].Params {
		id, ok := p.Type.Get()
		if !ok {
			continue
		}
		switch p.Name {
		case "Address":
			x.Address = id
		case "Call":
			x.Call, m.Outer.Call = id, id
		case "Signature":
			x.Signature = id
		case "Extra", "Extension":
			x.Extra = id
		}
	}
	for i, t := range m.Types {
		if n := len(t.Path); n != 2 {
			continue
		}
		switch t.Path[1] {
		case "RuntimeEvent":
			m.Outer.Event = TypeID(i)
		case "RuntimeError":
			m.Outer.Error = TypeID(i)
		}
	}
}

func (m *Metadata) portable() []portableType {
	types := make([]portableType, len(m.Types))
	for i, t := range m.Types {
		types[i] = portableType{TypeID(i), t}
	}
	return types
}

// EncodeV14 writes m as version 14. It fails when the registry holds no
// UncheckedExtrinsic type.
func (m *Metadata) EncodeV14() ([]byte, error) {
	x := m.Extrinsic
	if int(x.Type) >= len(m.Types) || joinPath(m.Types[x.Type].Path) != uncheckedExtrinsic {
		return nil, fmt.Errorf("metadata: the registry has no %s", uncheckedExtrinsic)
	}
	return scale.Append([]byte{magic[0], magic[1], magic[2], magic[3], V14}, bodyV14{
		Types: m.portable(), Pallets: m.Pallets, Runtime: m.Runtime,
		Extrinsic: extrinsicV14{x.Type, x.Version, x.Extensions},
	})
}

// EncodeV15 writes m as version 15.
func (m *Metadata) EncodeV15() ([]byte, error) {
	x := m.Extrinsic
	body := bodyV15{
		Types: m.portable(), Runtime: m.Runtime, APIs: m.APIs, Outer: m.Outer, Custom: m.Custom,
		Extrinsic: extrinsicV15{x.Version, x.Address, x.Call, x.Signature, x.Extra, x.Extensions},
	}
	for _, p := range m.Pallets {
		body.Pallets = append(body.Pallets, palletV15{p, p.Docs})
	}
	return scale.Append([]byte{magic[0], magic[1], magic[2], magic[3], V15}, body)
}
