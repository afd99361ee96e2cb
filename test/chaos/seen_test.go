package chaos

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/gocess/gocess/primitives/substrate"
)

// said makes a node's word on a height.
func said(t *testing.T, number uint32, state byte) (substrate.Header, substrate.H256) {
	t.Helper()
	h := substrate.Header{Number: number, StateRoot: substrate.H256{state}}
	hash, err := h.Hash()
	if err != nil {
		t.Fatal(err)
	}
	return h, hash
}

func TestChainNoticesBrokenPromises(t *testing.T) {
	body := [][]byte{{4, 1}, {4, 2}}
	for _, c := range []struct {
		name, want string
		say        func(*Chain)
	}{
		{"agreement", "", func(c *Chain) {
			h, hash := said(t, 1, 1)
			c.note("b", h, hash, body)
		}},
		{"the next block", "", func(c *Chain) {
			h, hash := said(t, 2, 1)
			c.note("b", h, hash, [][]byte{{4, 1}, {4, 3}})
		}},
		{"another block", "fork", func(c *Chain) {
			h, hash := said(t, 1, 2)
			c.note("b", h, hash, body)
		}},
		{"another body", "other extrinsics", func(c *Chain) {
			h, hash := said(t, 1, 1)
			c.note("b", h, hash, body[:1])
		}},
		{"a header of another hash", "its header has hash", func(c *Chain) {
			h, hash := said(t, 2, 1)
			hash[0]++
			c.note("b", h, hash, nil)
		}},
		{"a gap", "came before", func(c *Chain) {
			h, hash := said(t, 3, 1)
			c.note("b", h, hash, nil)
		}},
		{"an extrinsic again", "again", func(c *Chain) {
			h, hash := said(t, 2, 1)
			c.note("b", h, hash, [][]byte{{4, 9}, body[1]})
		}},
	} {
		chain := NewChain()
		h, hash := said(t, 1, 1)
		if fresh := chain.note("a", h, hash, body); len(fresh) != len(body) {
			t.Fatalf("%d extrinsics of %d are new", len(fresh), len(body))
		}
		c.say(chain)
		err := chain.Err()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestQuantile(t *testing.T) {
	d := Durations{5, 1, 4, 2, 3}
	for q, want := range map[float64]time.Duration{0: 1, 0.2: 1, 0.5: 3, 0.99: 5, 1: 5} {
		if got := d.Quantile(q); got != want {
			t.Errorf("quantile %v is %d, want %d", q, got, want)
		}
	}
	if got := Durations(nil).Quantile(0.5); got != 0 {
		t.Errorf("quantile of nothing: %v", got)
	}
}

func TestSlope(t *testing.T) {
	minutes := func(n ...int) (out []time.Duration) {
		for _, m := range n {
			out = append(out, time.Duration(m)*time.Minute)
		}
		return out
	}
	for _, c := range []struct {
		at   []time.Duration
		v    []float64
		want float64
	}{
		{nil, nil, 0}, {minutes(1), []float64{5}, 0}, {minutes(1, 1), []float64{5, 6}, 0},
		{minutes(0, 1, 2), []float64{1, 3, 5}, 2}, {minutes(0, 1, 2, 3), []float64{4, 4, 4, 4}, 0},
		{minutes(0, 2, 4), []float64{9, 6, 3}, -1.5},
	} {
		if got := Slope(c.at, c.v); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("slope of %v at %v is %v, want %v", c.v, c.at, got, c.want)
		}
	}
}
