package metadata

import (
	"fmt"
	"strings"

	"github.com/gocess/gocess/primitives/scale"
)

// Build interns the types of desc into a registry. The result depends on desc alone:
// ids are given in the order of first mention, a parent before its children, and types
// that no client could tell apart share one id.
func Build(desc *Description) (*Metadata, error) {
	r := &registry{ids: make(map[scale.Type]TypeID), instead: desc.Instead}
	m := &Metadata{Version: V15}
	for _, p := range desc.Pallets {
		pallet, err := r.pallet(p)
		if err != nil {
			return nil, fmt.Errorf("metadata: pallet %s: %w", p.Name, err)
		}
		m.Pallets = append(m.Pallets, pallet)
	}
	var err error
	if m.Extrinsic, err = r.extrinsic(desc.Extrinsic); err != nil {
		return nil, fmt.Errorf("metadata: extrinsic: %w", err)
	}
	if m.Runtime, err = r.intern(desc.Runtime); err != nil {
		return nil, fmt.Errorf("metadata: runtime type: %w", err)
	}
	for _, a := range desc.APIs {
		api, err := r.api(a)
		if err != nil {
			return nil, fmt.Errorf("metadata: API %s: %w", a.Name, err)
		}
		m.APIs = append(m.APIs, api)
	}
	for _, o := range []struct {
		name string
		from scale.Type
		to   *TypeID
	}{
		{"call", desc.Call, &m.Outer.Call}, {"event", desc.Event, &m.Outer.Event}, {"error", desc.Error, &m.Outer.Error},
	} {
		if *o.to, err = r.intern(o.from); err != nil {
			return nil, fmt.Errorf("metadata: outer %s enum: %w", o.name, err)
		}
	}
	m.Types = r.types
	if err := m.check(); err != nil {
		return nil, err
	}
	if err := m.minimise(); err != nil {
		return nil, err
	}
	return m, nil
}

// A registry gives ids to types.
type registry struct {
	types   []Type
	ids     map[scale.Type]TypeID
	instead map[scale.Type]scale.Type
}

// intern returns the id of t, describing it first if it is new. The id is reserved before
// the children are visited, so that recursive types find themselves.
func (r *registry) intern(t scale.Type) (TypeID, error) {
	if other, ok := r.instead[t]; ok {
		t = other
	}
	if id, ok := r.ids[t]; ok {
		return id, nil
	}
	def, err := t.Def()
	if err != nil {
		return 0, err
	}
	id := TypeID(len(r.types))
	r.ids[t] = id
	r.types = append(r.types, Type{})
	out := Type{}
	if def.Path != "" {
		out.Path = strings.Split(def.Path, "::")
	}
	for _, p := range def.Params {
		param := Param{Name: p.Name}
		if !p.Type.IsZero() {
			pid, err := r.intern(p.Type)
			if err != nil {
				return 0, fmt.Errorf("parameter %s of %v: %w", p.Name, t, err)
			}
			param.Type = scale.Some(pid)
		}
		out.Params = append(out.Params, param)
	}
	if out.Def, err = r.definition(def); err != nil {
		return 0, fmt.Errorf("%v: %w", t, err)
	}
	r.types[id] = out
	return id, nil
}

func (r *registry) definition(def *scale.TypeDef) (Def, error) {
	switch def.Kind {
	case scale.KindComposite:
		fields, err := r.fields(def.Fields)
		return Composite{fields}, err
	case scale.KindVariant:
		var e Enum
		for _, v := range def.Variants {
			fields, err := r.fields(v.Fields)
			if err != nil {
				return nil, fmt.Errorf("variant %s: %w", v.Name, err)
			}
			if _, dup := e.Indexed(v.Index); dup {
				return nil, fmt.Errorf("variant %s: index %d is taken", v.Name, v.Index)
			}
			e.Variants = append(e.Variants, Variant{Name: v.Name, Fields: fields, Index: v.Index})
		}
		return e, nil
	case scale.KindSequence:
		id, err := r.intern(def.Elem)
		return Sequence{id}, err
	case scale.KindArray:
		id, err := r.intern(def.Elem)
		return Array{def.Len, id}, err
	case scale.KindTuple:
		var t Tuple
		for _, e := range def.Elems {
			id, err := r.intern(e)
			if err != nil {
				return nil, err
			}
			t.Elems = append(t.Elems, id)
		}
		return t, nil
	case scale.KindPrimitive:
		return Primitive{PrimitiveKind(def.Primitive)}, nil
	case scale.KindCompact:
		id, err := r.intern(def.Elem)
		return Compact{id}, err
	}
	return nil, fmt.Errorf("unknown kind %d", def.Kind)
}

func (r *registry) fields(list []scale.Field) ([]Field, error) {
	var fields []Field
	for _, f := range list {
		id, err := r.intern(f.Type)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", f.Name, err)
		}
		fields = append(fields, Field{Name: someText(f.Name), Type: id, TypeName: someText(f.TypeName)})
	}
	return fields, nil
}

func someText(s string) scale.Option[string] {
	if s == "" {
		return scale.None[string]()
	}
	return scale.Some(s)
}

// optional interns t unless it is zero.
func (r *registry) optional(t scale.Type) (scale.Option[TypeID], error) {
	if t.IsZero() {
		return scale.None[TypeID](), nil
	}
	id, err := r.intern(t)
	return scale.Some(id), err
}

func (r *registry) pallet(p PalletDescription) (out Pallet, err error) {
	out.Name, out.Index, out.Docs = p.Name, p.Index, p.Docs
	if len(p.Storage) > 0 {
		s := Storage{Prefix: p.Prefix}
		if s.Prefix == "" {
			s.Prefix = p.Name
		}
		for _, e := range p.Storage {
			entry, err := r.storage(e)
			if err != nil {
				return out, fmt.Errorf("storage %s: %w", e.Name, err)
			}
			s.Entries = append(s.Entries, entry)
		}
		out.Storage = scale.Some(s)
	}
	if out.Calls, err = r.optional(p.Calls); err != nil {
		return out, fmt.Errorf("calls: %w", err)
	}
	if out.Event, err = r.optional(p.Event); err != nil {
		return out, fmt.Errorf("events: %w", err)
	}
	for _, c := range p.Constants {
		id, err := r.intern(c.Type)
		if err != nil {
			return out, fmt.Errorf("constant %s: %w", c.Name, err)
		}
		out.Constants = append(out.Constants, Constant{c.Name, id, c.Value, c.Docs})
	}
	if out.Error, err = r.optional(p.Error); err != nil {
		return out, fmt.Errorf("errors: %w", err)
	}
	return out, nil
}

func (r *registry) storage(e StorageDescription) (StorageEntry, error) {
	out := StorageEntry{Name: e.Name, Modifier: e.Modifier, Fallback: e.Fallback, Docs: e.Docs}
	if len(e.Hashers) == 0 {
		value, err := r.intern(e.Value)
		out.Type = PlainStorage{value}
		return out, err
	}
	key, err := r.intern(e.Key)
	if err != nil {
		return out, err
	}
	value, err := r.intern(e.Value)
	out.Type = MapStorage{e.Hashers, key, value}
	return out, err
}

func (r *registry) extrinsic(x ExtrinsicDescription) (out Extrinsic, err error) {
	out.Version = x.Version
	if x.Type.IsZero() {
		x.Type = UncheckedExtrinsic(x.Address, x.Call, x.Signature, x.Extra)
	}
	for _, part := range []struct {
		from scale.Type
		to   *TypeID
	}{
		{x.Address, &out.Address}, {x.Call, &out.Call}, {x.Signature, &out.Signature},
		{x.Extra, &out.Extra}, {x.Type, &out.Type},
	} {
		if *part.to, err = r.intern(part.from); err != nil {
			return out, err
		}
	}
	for _, e := range x.Extensions {
		ext := Extension{Identifier: e.Identifier}
		if ext.Type, err = r.intern(e.Type); err != nil {
			return out, fmt.Errorf("extension %s: %w", e.Identifier, err)
		}
		if ext.Additional, err = r.intern(e.Additional); err != nil {
			return out, fmt.Errorf("extension %s: %w", e.Identifier, err)
		}
		out.Extensions = append(out.Extensions, ext)
	}
	return out, nil
}

func (r *registry) api(a APIDescription) (API, error) {
	out := API{Name: a.Name, Docs: a.Docs}
	for _, f := range a.Methods {
		method := Method{Name: f.Name, Docs: f.Docs}
		for _, arg := range f.Args {
			id, err := r.intern(arg.Type)
			if err != nil {
				return out, fmt.Errorf("method %s: argument %s: %w", f.Name, arg.Name, err)
			}
			method.Args = append(method.Args, Arg{arg.Name, id})
		}
		var err error
		if method.Output, err = r.intern(f.Output); err != nil {
			return out, fmt.Errorf("method %s: output: %w", f.Name, err)
		}
		out.Methods = append(out.Methods, method)
	}
	return out, nil
}
