package metadata

import (
	"errors"
	"fmt"
)

// ErrNotFound reports a name or an index that the runtime does not have.
var ErrNotFound = errors.New("metadata: not found")

// Type returns the type of the given id.
func (m *Metadata) Type(id TypeID) (*Type, error) {
	if int(id) >= len(m.Types) {
		return nil, fmt.Errorf("%w: type %d", ErrNotFound, id)
	}
	return &m.Types[id], nil
}

// Pallet returns the pallet of the given name.
func (m *Metadata) Pallet(name string) (*Pallet, error) {
	for i := range m.Pallets {
		if m.Pallets[i].Name == name {
			return &m.Pallets[i], nil
		}
	}
	return nil, fmt.Errorf("%w: pallet %q", ErrNotFound, name)
}

// PalletAt returns the pallet of the given index.
func (m *Metadata) PalletAt(index uint8) (*Pallet, error) {
	for i := range m.Pallets {
		if m.Pallets[i].Index == index {
			return &m.Pallets[i], nil
		}
	}
	return nil, fmt.Errorf("%w: pallet %d", ErrNotFound, index)
}

// Entry returns the storage entry of the given name.
func (p *Pallet) Entry(name string) (*StorageEntry, error) {
	s, _ := p.Storage.Get()
	for i := range s.Entries {
		if s.Entries[i].Name == name {
			return &s.Entries[i], nil
		}
	}
	return nil, fmt.Errorf("%w: storage %s.%s", ErrNotFound, p.Name, name)
}

// Constant returns the constant of the given name.
func (p *Pallet) Constant(name string) (*Constant, error) {
	for i := range p.Constants {
		if p.Constants[i].Name == name {
			return &p.Constants[i], nil
		}
	}
	return nil, fmt.Errorf("%w: constant %s.%s", ErrNotFound, p.Name, name)
}

// Value is the type of the entry's value.
func (e *StorageEntry) Value() TypeID {
	switch s := e.Type.(type) {
	case PlainStorage:
		return s.Value
	case MapStorage:
		return s.Value
	}
	return 0
}

// Keys are the hashers and the types of the keys they hash, one each; none for a plain
// value.
func (m *Metadata) Keys(e *StorageEntry) ([]Hasher, []TypeID, error) {
	s, ok := e.Type.(MapStorage)
	if !ok {
		return nil, nil, nil
	}
	if len(s.Hashers) == 1 {
		return s.Hashers, []TypeID{s.Key}, nil
	}
	t, err := m.Type(s.Key)
	if err != nil {
		return nil, nil, err
	}
	tuple, ok := t.Def.(Tuple)
	if !ok || len(tuple.Elems) != len(s.Hashers) {
		return nil, nil, fmt.Errorf("metadata: storage %s has %d hashers but its key is no such tuple", e.Name, len(s.Hashers))
	}
	return s.Hashers, tuple.Elems, nil
}

// Calls are the pallet's calls; empty when it has none.
func (m *Metadata) Calls(p *Pallet) Enum { return m.enum(p.Calls.Get()) }

// Events are the pallet's events; empty when it has none.
func (m *Metadata) Events(p *Pallet) Enum { return m.enum(p.Event.Get()) }

// Errors are the pallet's errors; empty when it has none.
func (m *Metadata) Errors(p *Pallet) Enum { return m.enum(p.Error.Get()) }

func (m *Metadata) enum(id TypeID, ok bool) Enum {
	if !ok || int(id) >= len(m.Types) {
		return Enum{}
	}
	e, _ := m.Types[id].Def.(Enum)
	return e
}

// Call returns a call by name.
func (m *Metadata) Call(pallet, name string) (*Pallet, *Variant, error) {
	p, err := m.Pallet(pallet)
	if err != nil {
		return nil, nil, err
	}
	v, ok := m.Calls(p).Named(name)
	if !ok {
		return nil, nil, fmt.Errorf("%w: call %s.%s", ErrNotFound, pallet, name)
	}
	return p, v, nil
}

// CallAt returns a call by its two bytes on the wire.
func (m *Metadata) CallAt(pallet, call uint8) (*Pallet, *Variant, error) {
	return m.at("call", pallet, call, m.Calls)
}

// Event returns an event by name.
func (m *Metadata) Event(pallet, name string) (*Pallet, *Variant, error) {
	p, err := m.Pallet(pallet)
	if err != nil {
		return nil, nil, err
	}
	v, ok := m.Events(p).Named(name)
	if !ok {
		return nil, nil, fmt.Errorf("%w: event %s.%s", ErrNotFound, pallet, name)
	}
	return p, v, nil
}

// EventAt returns an event by its two bytes on the wire.
func (m *Metadata) EventAt(pallet, event uint8) (*Pallet, *Variant, error) {
	return m.at("event", pallet, event, m.Events)
}

// ErrorAt returns the pallet error that a dispatch error of kind Module names.
func (m *Metadata) ErrorAt(pallet, code uint8) (*Pallet, *Variant, error) {
	return m.at("error", pallet, code, m.Errors)
}

func (m *Metadata) at(what string, pallet, index uint8, of func(*Pallet) Enum) (*Pallet, *Variant, error) {
	p, err := m.PalletAt(pallet)
	if err != nil {
		return nil, nil, err
	}
	v, ok := of(p).Indexed(index)
	if !ok {
		return nil, nil, fmt.Errorf("%w: %s %d of pallet %s", ErrNotFound, what, index, p.Name)
	}
	return p, v, nil
}
