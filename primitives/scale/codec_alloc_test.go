package scale

import "testing"

type flat struct {
	A uint32
	B [8]byte
	C uint32
}

// The state machine decodes accounts many times a block.
func TestFlatValuesDecodeWithoutAllocation(t *testing.T) {
	want := flat{A: 1, B: [8]byte{2}, C: 3}
	c := CodecFor[flat]()
	b, err := c.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got flat
	if n := testing.AllocsPerRun(100, func() { got, err = c.Decode(b) }); n != 0 && littleEndian {
		t.Errorf("%v allocations", n)
	}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if _, err := c.Decode(b[:len(b)-1]); err == nil {
		t.Error("a short value is decoded")
	}
	if _, err := c.Decode(append(b, 0)); err == nil {
		t.Error("a long value is decoded")
	}
}
