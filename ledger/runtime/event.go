package runtime

import (
	"fmt"
	"slices"

	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// eventEnum is a pallet's Event enum.
type eventEnum struct {
	*variants
	params []scale.Param
}

// Events lists a pallet's events under the Rust path of their enum.
func Events(path string, events ...variant) eventEnum {
	return eventEnum{newVariants(path, events), []scale.Param{{Name: "T"}}}
}

// With is the enum with further events, for a later version of the pallet.
func (e eventEnum) With(events ...variant) eventEnum {
	return eventEnum{newVariants(e.path, slices.Concat(e.list, events)), e.params}
}

// WithParams replaces the enum's type parameters, for the few pallets whose
// Event has others than T.
func (e eventEnum) WithParams(params ...scale.Param) eventEnum {
	e.params = params
	return e
}

// Event declares an event with its wire index and its name in metadata.
func Event[T any](index uint8, name string) variant { return newVariant[T](index, name) }

// RuntimeEvent is any event of the chain: pallet index ‖ event index ‖ fields.
type RuntimeEvent struct{ Event any }

// AppendScale appends the wire form.
func (e RuntimeEvent) AppendScale(dst []byte) ([]byte, error) {
	at, ok := eventPlaces.of(e.Event)
	if !ok {
		return nil, fmt.Errorf("encode event: %T is not an event of any registered pallet", e.Event)
	}
	return at.append(dst, e.Event)
}

// DecodeScale reads the wire form.
func (e *RuntimeEvent) DecodeScale(d *scale.Decoder) error {
	v, err := decodeVariant(d, "event", func(p *Pallet) *variants { return p.Events.variants })
	if err != nil {
		return err
	}
	e.Event = v
	return nil
}

// ScaleType is the outer enum over all registered pallets that have events.
func (RuntimeEvent) ScaleType() scale.TypeInfo {
	return outerEnum("RuntimeEvent", newestPallets(), (*Pallet).eventType)
}

// Name is the pallet's name and the event's, as in `Balances.Transfer`.
func (e RuntimeEvent) Name() string {
	at, ok := eventPlaces.of(e.Event)
	if !ok {
		return fmt.Sprintf("%T", e.Event)
	}
	return at.pallet.Name + "." + at.v.name
}

func (p *Pallet) eventType() scale.Type {
	if p.Events.variants == nil {
		return scale.Type{}
	}
	return p.Events.typ(p.Events.params)
}

func (p *Pallet) errorType() scale.Type { return p.Errors.typ }

var eventPlaces = &places{enum: func(p *Pallet) *variants { return p.Events.variants }}

// RuntimeError is the outer enum of all pallets' errors; it appears in
// metadata only.
type RuntimeError struct{}

// ScaleType is the outer enum over all registered pallets that have errors.
func (RuntimeError) ScaleType() scale.TypeInfo {
	return outerEnum("RuntimeError", newestPallets(), (*Pallet).errorType)
}

// eventLog collects the records of System.Events in their wire form. A copy of
// the value is a mark to roll back to: later appends never change the bytes
// that an earlier copy covers.
type eventLog struct {
	records []byte
	count   uint32
}

// usualEvent is more bytes than most events take.
const usualEvent = 512

func (l *eventLog) add(phase substrate.Phase, event any) error {
	if cap(l.records)-len(l.records) < usualEvent {
		// append alone would copy the events of a full block five times.
		l.records = slices.Grow(l.records, len(l.records)+usualEvent)
	}
	b, err := scale.Append(l.records, phase)
	if err != nil {
		return err
	}
	b, err = RuntimeEvent{event}.AppendScale(b)
	if err != nil {
		return err
	}
	l.records = append(b, 0) // no topics
	l.count++
	return nil
}
