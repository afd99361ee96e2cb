package metadata

import (
	"encoding/binary"
	"fmt"

	"github.com/gocess/gocess/primitives/scale"
)

// minimise merges types that no client could tell apart: different Go types may describe
// the same SCALE type, for instance a named integer and the plain one. It refines classes
// of equal shape by the classes of their children until nothing changes, so recursive
// types merge, too; then the first of each class stays, in the old order.
func (m *Metadata) minimise() error {
	class := make([]TypeID, len(m.Types))
	count := 0
	for {
		seen := make(map[string]TypeID, len(m.Types))
		next := make([]TypeID, len(m.Types))
		for i := range m.Types {
			key, err := m.Types[i].key(class)
			if err != nil {
				return fmt.Errorf("metadata: type %s: %w", joinPath(m.Types[i].Path), err)
			}
			c, ok := seen[key]
			if !ok {
				c = TypeID(len(seen))
				seen[key] = c
			}
			next[i] = c
		}
		class = next
		if len(seen) == count {
			break
		}
		count = len(seen)
	}
	// Classes are numbered by first member: that is the new id.
	rename := func(id *TypeID) { *id = class[*id] }
	kept := make([]Type, 0, count)
	for i := range m.Types {
		if int(class[i]) == len(kept) {
			kept = append(kept, m.Types[i])
		}
	}
	m.Types = kept
	for i := range m.Types {
		m.Types[i].eachRef(rename)
	}
	m.eachRef(rename)
	return nil
}

// key is the type's own shape and the classes of its children.
func (t *Type) key(class []TypeID) (string, error) {
	var children []byte
	shape := *t
	shape.Params = append([]Param(nil), t.Params...)
	shape.Def = cloneDef(t.Def)
	shape.eachRef(func(id *TypeID) {
		children = binary.BigEndian.AppendUint32(children, uint32(class[*id]))
		*id = 0
	})
	own, err := scale.Marshal(shape)
	return string(own) + string(children), err
}

// cloneDef copies the parts of d that eachRef writes to.
func cloneDef(d Def) Def {
	switch d := d.(type) {
	case Composite:
		return Composite{append([]Field(nil), d.Fields...)}
	case Enum:
		e := Enum{append([]Variant(nil), d.Variants...)}
		for i := range e.Variants {
			e.Variants[i].Fields = append([]Field(nil), e.Variants[i].Fields...)
		}
		return e
	case Tuple:
		return Tuple{append([]TypeID(nil), d.Elems...)}
	}
	return d
}
