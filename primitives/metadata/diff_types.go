package metadata

import (
	"fmt"
	"slices"

	"github.com/gocess/gocess/primitives/scale"
)

// typeDifference is a difference inside a type, its path relative to the type.
type typeDifference struct{ path, got, want string }

// typePair remembers the comparison of two types. While it is under way the pair counts
// as equal: that is how recursive types end.
type typePair struct{ out []typeDifference }

// Bounds of a comparison: what one type reports (the rest would repeat it), and how deep
// types nest in each other.
const (
	maxTypeDifferences = 20
	maxTypeDepth       = 1000
)

// outerEnums are the last path segments of the runtime's sums over pallets. They grow
// with the list of pallets, so that comparing them says nothing about a single one.
var outerEnums = []string{
	"RuntimeCall", "RuntimeEvent", "RuntimeError", "OriginCaller",
	"RuntimeHoldReason", "RuntimeFreezeReason", "RuntimeTask", "RuntimeLockId", "RuntimeSlashReason",
}

func isOuterEnum(t *Type) bool {
	return len(t.Path) == 2 && slices.Contains(outerEnums, t.Path[1])
}

func (c *comparison) compareTypes(g, w TypeID) []typeDifference {
	key := [2]TypeID{g, w}
	if p, ok := c.types[key]; ok {
		return p.out // nil while under way
	}
	if c.depth++; c.depth > maxTypeDepth {
		c.depth--
		return []typeDifference{{"", "types nested too deep", "types nested too deep"}}
	}
	defer func() { c.depth-- }()
	p := &typePair{}
	c.types[key] = p
	out := c.compareTypesNow(&c.got.Types[g], &c.want.Types[w], g, w)
	if len(out) > maxTypeDifferences {
		out = out[:maxTypeDifferences]
	}
	p.out = out
	return out
}

func comparePaths(g, w *Type) []typeDifference {
	if gp, wp := joinPath(g.Path), joinPath(w.Path); gp != wp {
		return []typeDifference{{".path", orNone(gp), orNone(wp)}}
	}
	return nil
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func (c *comparison) compareTypesNow(g, w *Type, gid, wid TypeID) []typeDifference {
	gName, wName := c.got.TypeName(gid), c.want.TypeName(wid)
	if d := comparePaths(g, w); d != nil {
		if len(g.Path) == 0 || len(w.Path) == 0 {
			d[0] = typeDifference{"", gName, wName}
		}
		return d
	}
	if isOuterEnum(w) {
		return nil
	}
	out := c.compareParams(g, w)
	different := []typeDifference{{"", gName, wName}}
	switch wd := w.Def.(type) {
	case Composite:
		gd, ok := g.Def.(Composite)
		if !ok {
			return append(out, kindDifference(g, w))
		}
		return append(out, c.compareFields(gd.Fields, wd.Fields)...)
	case Enum:
		gd, ok := g.Def.(Enum)
		if !ok {
			return append(out, kindDifference(g, w))
		}
		return append(out, c.compareVariants(gd, wd)...)
	case Sequence:
		if gd, ok := g.Def.(Sequence); ok {
			return append(out, under("[]", c.compareTypes(gd.Elem, wd.Elem))...)
		}
	case Array:
		if gd, ok := g.Def.(Array); ok && gd.Len == wd.Len {
			return append(out, under("[]", c.compareTypes(gd.Elem, wd.Elem))...)
		}
	case Tuple:
		gd, ok := g.Def.(Tuple)
		if !ok || len(gd.Elems) != len(wd.Elems) {
			return append(out, different...)
		}
		for i := range wd.Elems {
			out = append(out, under(fmt.Sprintf(".%d", i), c.compareTypes(gd.Elems[i], wd.Elems[i]))...)
		}
		return out
	case Primitive:
		if gd, ok := g.Def.(Primitive); ok && gd == wd {
			return out
		}
	case Compact:
		if gd, ok := g.Def.(Compact); ok {
			return append(out, under("", c.compareTypes(gd.Elem, wd.Elem))...)
		}
	case BitSequence:
		if gd, ok := g.Def.(BitSequence); ok {
			out = append(out, under(".store", c.compareTypes(gd.Store, wd.Store))...)
			return append(out, under(".order", c.compareTypes(gd.Order, wd.Order))...)
		}
	}
	return append(out, different...)
}

// kindDifference tells apart types of one path and different kinds.
func kindDifference(g, w *Type) typeDifference {
	return typeDifference{".kind", fmt.Sprintf("%T", g.Def)[len("metadata."):], fmt.Sprintf("%T", w.Def)[len("metadata."):]}
}

// under moves differences below a path.
func under(prefix string, list []typeDifference) []typeDifference {
	out := make([]typeDifference, len(list))
	for i, d := range list {
		out[i] = typeDifference{prefix + d.path, d.got, d.want}
	}
	return out
}

func (c *comparison) compareParams(g, w *Type) (out []typeDifference) {
	if len(g.Params) != len(w.Params) {
		return []typeDifference{{".params", paramNames(g.Params), paramNames(w.Params)}}
	}
	for i := range w.Params {
		gp, wp := g.Params[i], w.Params[i]
		at := fmt.Sprintf(".params.%s", wp.Name)
		if gp.Name != wp.Name {
			out = append(out, typeDifference{fmt.Sprintf(".params.%d", i), gp.Name, wp.Name})
		}
		gid, gOK := gp.Type.Get()
		wid, wOK := wp.Type.Get()
		switch {
		case gOK && wOK:
			out = append(out, under(at, c.compareTypes(gid, wid))...)
		case gOK:
			out = append(out, typeDifference{at, c.got.TypeName(gid), "None"})
		case wOK:
			out = append(out, typeDifference{at, "None", c.want.TypeName(wid)})
		}
	}
	return out
}

func paramNames(params []Param) string {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Name
	}
	return fmt.Sprint(names)
}

func (c *comparison) compareFields(g, w []Field) (out []typeDifference) {
	if len(g) != len(w) {
		return []typeDifference{{"", "fields " + fieldNames(g), "fields " + fieldNames(w)}}
	}
	for i := range w {
		at := "." + w[i].Name.Or(fmt.Sprint(i))
		if g[i].Name != w[i].Name {
			out = append(out, typeDifference{at + ".name", quoted(g[i].Name), quoted(w[i].Name)})
		}
		if g[i].TypeName != w[i].TypeName {
			out = append(out, typeDifference{at + ".typeName", quoted(g[i].TypeName), quoted(w[i].TypeName)})
		}
		out = append(out, under(at, c.compareTypes(g[i].Type, w[i].Type))...)
	}
	return out
}

func fieldNames(fields []Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name.Or("_")
	}
	return fmt.Sprint(names)
}

func quoted(s scale.Option[string]) string {
	if v, ok := s.Get(); ok {
		return fmt.Sprintf("%q", v)
	}
	return "none"
}

func (c *comparison) compareVariants(g, w Enum) (out []typeDifference) {
	for i := range w.Variants {
		wv := &w.Variants[i]
		at := "::" + wv.Name
		gv, ok := g.Named(wv.Name)
		if !ok {
			out = append(out, typeDifference{at, "no such variant", fmt.Sprintf("variant %d", wv.Index)})
			continue
		}
		if gv.Index != wv.Index {
			out = append(out, typeDifference{at + ".index", fmt.Sprint(gv.Index), fmt.Sprint(wv.Index)})
		}
		out = append(out, under(at, c.compareFields(gv.Fields, wv.Fields))...)
	}
	for i := range g.Variants {
		if _, ok := w.Named(g.Variants[i].Name); !ok {
			out = append(out, typeDifference{"::" + g.Variants[i].Name, fmt.Sprintf("variant %d", g.Variants[i].Index), "no such variant"})
		}
	}
	return out
}
