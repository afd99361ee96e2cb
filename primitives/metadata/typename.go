package metadata

import (
	"fmt"
	"strings"
)

// A type's name shows its parts to this depth and length; types may be recursive.
const (
	maxNameDepth = 6
	maxName      = 400
)

// TypeName writes the type of the given id the way Rust would: Vec<(u32, H256)>. A path
// shows as its last segment with its parameters.
func (m *Metadata) TypeName(id TypeID) string {
	var b strings.Builder
	m.typeName(&b, id, maxNameDepth)
	return b.String()
}

func (m *Metadata) typeName(b *strings.Builder, id TypeID, depth int) {
	if int(id) >= len(m.Types) || depth == 0 || b.Len() > maxName {
		b.WriteString("…")
		return
	}
	t := &m.Types[id]
	if n := len(t.Path); n > 0 {
		b.WriteString(t.Path[n-1])
		open := "<"
		for _, p := range t.Params {
			if pid, ok := p.Type.Get(); ok {
				b.WriteString(open)
				m.typeName(b, pid, depth-1)
				open = ", "
			}
		}
		if open != "<" {
			b.WriteByte('>')
		}
		return
	}
	switch d := t.Def.(type) {
	case Primitive:
		b.WriteString(d.Kind.String())
	case Sequence:
		b.WriteString("Vec<")
		m.typeName(b, d.Elem, depth-1)
		b.WriteByte('>')
	case Array:
		b.WriteByte('[')
		m.typeName(b, d.Elem, depth-1)
		fmt.Fprintf(b, "; %d]", d.Len)
	case Compact:
		b.WriteString("Compact<")
		m.typeName(b, d.Elem, depth-1)
		b.WriteByte('>')
	case Tuple:
		b.WriteByte('(')
		for i, e := range d.Elems {
			if i > 0 {
				b.WriteString(", ")
			}
			m.typeName(b, e, depth-1)
		}
		b.WriteByte(')')
	case BitSequence:
		b.WriteString("BitVec")
	case Composite:
		b.WriteString("struct")
	case Enum:
		b.WriteString("enum")
	}
}
