package runtime

import (
	"bytes"
	"maps"
	"slices"
	"strings"
)

// Reader reads the state below a block: one committed height.
// Implementations are safe for concurrent use.
type Reader interface {
	// Get returns the value under key, nil when absent. The caller does not
	// modify the result.
	Get(key []byte) ([]byte, error)
	// Scan calls fn for every pair whose key has the prefix and is greater
	// than startAfter, in ascending key order, until fn returns false.
	Scan(prefix, startAfter []byte, fn func(key, value []byte) bool) error
}

// Change is one write of a block; a nil Value deletes.
type Change struct{ Key, Value []byte }

// overlay holds the writes of a block that are not committed, with an undo log
// for nested transactions.
type overlay struct {
	base   Reader
	writes map[string][]byte // nil value = deleted
	undo   []undoEntry
	marks  []int // undo length at the start of each open transaction
}

type undoEntry struct {
	key     string
	value   []byte
	present bool // the key had a write before
}

func newOverlay(base Reader) *overlay {
	return &overlay{base: base, writes: make(map[string][]byte)}
}

func (o *overlay) get(key []byte) ([]byte, error) {
	if v, ok := o.writes[string(key)]; ok {
		return v, nil
	}
	return o.base.Get(key)
}

// put stores value, which the overlay keeps; nil deletes.
func (o *overlay) put(key []byte, value []byte) {
	k := string(key)
	if len(o.marks) > 0 {
		old, ok := o.writes[k]
		o.undo = append(o.undo, undoEntry{k, old, ok})
	}
	o.writes[k] = value
}

func (o *overlay) begin() { o.marks = append(o.marks, len(o.undo)) }

func (o *overlay) commit() {
	o.marks = o.marks[:len(o.marks)-1]
	if len(o.marks) == 0 {
		o.undo = o.undo[:0]
	}
}

func (o *overlay) rollback() {
	mark := o.marks[len(o.marks)-1]
	for i := len(o.undo) - 1; i >= mark; i-- {
		if e := o.undo[i]; e.present {
			o.writes[e.key] = e.value
		} else {
			delete(o.writes, e.key)
		}
	}
	o.undo = o.undo[:mark]
	o.marks = o.marks[:len(o.marks)-1]
}

// scan merges the overlay's own writes with the base, in key order. fn may
// write to the overlay: the keys to visit are fixed when scan starts.
func (o *overlay) scan(prefix, startAfter []byte, fn func(key, value []byte) bool) error {
	own := o.keysUnder(string(prefix), string(startAfter))
	next := 0
	stopped := false
	emitOwn := func(key string) bool {
		if v := o.writes[key]; v != nil {
			return fn([]byte(key), v)
		}
		return true
	}
	err := o.base.Scan(prefix, startAfter, func(key, value []byte) bool {
		for next < len(own) && own[next] < string(key) {
			next++
			if !emitOwn(own[next-1]) {
				stopped = true
				return false
			}
		}
		if next < len(own) && own[next] == string(key) {
			next++
			stopped = !emitOwn(own[next-1])
			return !stopped
		}
		// A write made by fn itself during this scan hides the base value.
		if v, ok := o.writes[string(key)]; ok {
			if v == nil {
				return true
			}
			value = v
		}
		stopped = !fn(bytes.Clone(key), value)
		return !stopped
	})
	if err != nil || stopped {
		return err
	}
	for ; next < len(own); next++ {
		if !emitOwn(own[next]) {
			return nil
		}
	}
	return nil
}

func (o *overlay) keysUnder(prefix, startAfter string) []string {
	var keys []string
	for k := range o.writes {
		if strings.HasPrefix(k, prefix) && k > startAfter {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}

// changes lists all writes in ascending key order.
func (o *overlay) changes() []Change {
	out := make([]Change, 0, len(o.writes))
	for _, k := range slices.Sorted(maps.Keys(o.writes)) {
		out = append(out, Change{Key: []byte(k), Value: o.writes[k]})
	}
	return out
}
