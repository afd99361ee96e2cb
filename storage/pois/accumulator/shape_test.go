package accumulator

import (
	"bytes"
	"context"
	"errors"
	"testing"
)

// TestSeveralMids works on an accumulator with two mid nodes of one set each, a shape that arises from deletions.
func TestSeveralMids(t *testing.T) {
	k, m := goldenKey(t), memory{}
	a, err := Rebuild(context.Background(), k, m, 0, 512, []int{1, 1})
	if err != nil {
		t.Fatal(err)
	}
	packed, err := a.Derive(context.Background(), 0, 512, nil)
	if err != nil || bytes.Equal(packed.Value(), a.Value()) {
		t.Fatal("the shape does not matter:", err)
	}
	for _, file := range []int64{1, 512} {
		chains, err := a.Witnesses(file, file+1)
		if err != nil {
			t.Fatal(err)
		}
		if err := VerifyWitnesses(k, a.Value(), [][]byte{chains[0].Elem}, chains); err != nil {
			t.Error(err)
		}
		if VerifyWitnesses(k, packed.Value(), [][]byte{chains[0].Elem}, chains) == nil {
			t.Error("witness of another shape accepted")
		}
	}
	e1, _ := m.Elements(1)
	b, change, err := a.Delete(256)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := VerifyDelete(k, a.Value(), e1.Values, true, change); err != nil || !bytes.Equal(v, b.Value()) || !k.isG(change.Path[1]) {
		t.Error("deletion of a whole mid node:", err)
	}
	c, change, err := b.Insert(e1) // any elements will do
	if err != nil {
		t.Fatal(err)
	}
	accept(t, k, b, c, e1.Values, change)
	if s := c.Shape(); len(s) != 1 || s[0] != 2 {
		t.Error("shape", s)
	}
}

// TestNewMid inserts into an accumulator whose last mid node is full.
func TestNewMid(t *testing.T) {
	k, m := goldenKey(t), memory{}
	s := State{Rear: FanOut * FanOut, Mids: []MidState{{Value: []byte{7}, Subs: make([][]byte, FanOut)}}}
	for i := range s.Mids[0].Subs {
		s.Mids[0].Subs[i] = []byte{5}
	}
	s.Top = k.exp(k.G, Prime([]byte{7})).Bytes()
	a, err := Restore(k, m, s)
	if err != nil {
		t.Fatal(err)
	}
	e, _ := m.Elements(1)
	b, change, err := a.Insert(e)
	if err != nil {
		t.Fatal(err)
	}
	accept(t, k, a, b, e.Values, change)
	if shape := b.Shape(); len(shape) != 2 || shape[1] != 1 {
		t.Error("shape", shape)
	}
	s.Top = []byte{9}
	if _, err := Restore(k, m, s); !errors.Is(err, ErrState) {
		t.Error("contradictory state restored:", err)
	}
	s.Mids[0].Subs = s.Mids[0].Subs[1:]
	if _, err := Restore(k, m, s); !errors.Is(err, ErrState) {
		t.Error("state with a missing set restored:", err)
	}
}

func TestKeyEncoding(t *testing.T) {
	k := goldenKey(t)
	b, err := k.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var back Key
	if err := back.UnmarshalBinary(b); err != nil || back.N.Cmp(k.N) != 0 || back.G.Cmp(k.G) != 0 {
		t.Fatal(err)
	}
	for _, bad := range [][]byte{nil, b[:15], b[:len(b)-1], append(b, 0), bytes.Repeat([]byte{0xff}, 64)} {
		if back.UnmarshalBinary(bad) == nil {
			t.Errorf("%d bytes accepted", len(bad))
		}
	}
}

func FuzzKey(f *testing.F) {
	b, _ := goldenKey(f).MarshalBinary()
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		var k Key
		if k.UnmarshalBinary(b) == nil && k.G.Cmp(k.N) >= 0 {
			t.Error("generator out of range")
		}
	})
}
