package metadata

import (
	"errors"
	"fmt"

	"github.com/gocess/gocess/primitives/scale"
)

// EncodeCall encodes a call: pallet index, call index, arguments. args is an object by
// argument name or a list in order; nil for a call without arguments.
func (m *Metadata) EncodeCall(pallet, call string, args any, f Format) ([]byte, error) {
	p, v, err := m.Call(pallet, call)
	if err != nil {
		return nil, err
	}
	e := &valueEncoder{m: m, f: f}
	if args, err = plain(args); err != nil {
		return nil, err
	}
	// A single unnamed argument is transparent in structs; calls name all of theirs.
	b, err := e.fields([]byte{p.Index, v.Index}, v.Fields, args)
	if err != nil {
		return nil, fmt.Errorf("metadata: call %s.%s: %w", pallet, call, err)
	}
	return b, nil
}

// A Call is a decoded call.
type Call struct {
	Pallet string `json:"pallet"`
	Name   string `json:"name"`
	Args   any    `json:"args"` // Object, or nil without arguments
}

// DecodeCall decodes the whole of b as a call.
func (m *Metadata) DecodeCall(b []byte, f Format) (Call, error) {
	d := scale.NewDecoder(b)
	index, err := d.Bytes(2)
	if err != nil {
		return Call{}, fmt.Errorf("metadata: decode call: %w", err)
	}
	p, v, err := m.CallAt(index[0], index[1])
	if err != nil {
		return Call{}, err
	}
	args, err := (&valueDecoder{m: m, f: f, d: d}).fields(v.Fields)
	if err == nil {
		err = d.Finish()
	}
	if err != nil {
		return Call{}, fmt.Errorf("metadata: decode call %s.%s: %w", p.Name, v.Name, err)
	}
	return Call{p.Name, v.Name, args}, nil
}

// An Event is a decoded event record.
type Event struct {
	Phase     string  `json:"phase"`               // ApplyExtrinsic, Finalization or Initialization
	Extrinsic *uint32 `json:"extrinsic,omitempty"` // position in the block, while extrinsics are applied
	Pallet    string  `json:"pallet"`
	Name      string  `json:"name"`
	Fields    any     `json:"fields"` // Object, value or list; nil without fields
	Topics    []any   `json:"topics,omitempty"`
}

// DecodeEvents decodes the value of System.Events.
func (m *Metadata) DecodeEvents(b []byte, f Format) ([]Event, error) {
	system, err := m.Pallet("System")
	if err != nil {
		return nil, err
	}
	entry, err := system.Entry("Events")
	if err != nil {
		return nil, err
	}
	v, err := m.DecodeValue(entry.Value(), b, f)
	if err != nil {
		return nil, err
	}
	records, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("metadata: System.Events is a %s", m.TypeName(entry.Value()))
	}
	events := make([]Event, len(records))
	for i, r := range records {
		if events[i], err = eventOf(r); err != nil {
			return nil, err
		}
	}
	return events, nil
}

// errRecord reports a runtime whose event records are not those of Substrate.
var errRecord = errors.New("metadata: event records of an unknown form")

// eventOf takes a decoded record apart.
func eventOf(record any) (e Event, err error) {
	o, ok := record.(Object)
	if !ok {
		return e, errRecord
	}
	phase, _ := o.Get("phase")
	switch p := phase.(type) {
	case string:
		e.Phase = p
	case Object:
		if len(p) != 1 {
			return e, errRecord
		}
		e.Phase = p[0].Name
		n, ok := p[0].Value.(uint64)
		if !ok {
			return e, errRecord
		}
		index := uint32(n)
		e.Extrinsic = &index
	default:
		return e, errRecord
	}
	outer, _ := o.Get("event")
	pallet, ok := outer.(Object)
	if !ok || len(pallet) != 1 {
		return e, errRecord
	}
	e.Pallet = pallet[0].Name
	switch inner := pallet[0].Value.(type) {
	case string:
		e.Name = inner
	case Object:
		if len(inner) != 1 {
			return e, errRecord
		}
		e.Name, e.Fields = inner[0].Name, inner[0].Value
	default:
		return e, errRecord
	}
	topics, _ := o.Get("topics")
	e.Topics, _ = topics.([]any)
	return e, nil
}
