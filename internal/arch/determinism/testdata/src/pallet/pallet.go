// Package pallet has a line for each thing that the pass knows.
package pallet

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	. "maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
	clockwork "time"
)

type account [32]byte

type named map[string]int

func ranges(m map[string]int, n named, list []string) (sum int) {
	for range m { // want `map order`
		sum++
	}
	for _, v := range n { // want `map order`
		sum += v
	}
	for i := range list {
		sum += i
	}
	for k := range map[string]int(n) { // want `map order`
		delete(m, k)
	}
	return sum
}

type set[K comparable] map[K]struct{}

func generic[K comparable, M ~map[K]int](m M, s set[K]) {
	for range m { // want `map order`
	}
	for range s { // want `map order`
	}
}

type maps2 interface {
	~map[int]int
	named2 | map[int]int
}

type named2 map[int]int

func union[T named2 | map[int]int, I maps2, S ~[]int](t T, i I, s S) {
	for range t { // want `map order`
	}
	for range i { // want `map order`
	}
	for range s {
	}
}

func asserted(v any) {
	for range v.(map[string]any) { // want `map order`
	}
}

func iterators(m map[string]int) {
	for range maps.Keys(m) { // want `map order`
	}
	for range All(m) { // want `map order`
	}
	each := maps.Values[map[string]int] // want `map order`
	_ = each
	_ = slices.Collect(maps.Keys(m))                           // want `map order`
	maps.DeleteFunc(m, func(string, int) bool { return true }) // want `map order`
	var shared sync.Map                                        // no order is seen
	shared.Range(func(any, any) bool { return true })          // want `map order`
	for range shared.Range {                                   // want `map order`
	}
	for it := reflect.ValueOf(m).MapRange(); it.Next(); { // want `map order`
	}
}

func sorted(m map[string]int, o map[account]string) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		_ = k
	}
	_ = slices.Sorted(maps.Values(m))
	_ = slices.SortedFunc(maps.Keys(o), func(a, b account) int { return bytes.Compare(a[:], b[:]) })
	_ = slices.SortedFunc(maps.Keys(m), func(a, b string) int { return cmp.Compare(b, a) })
	_ = slices.SortedFunc(maps.Keys(m), func(a, b string) int { return cmp.Compare(len(a), len(b)) })  // want `map order`
	_ = slices.SortedFunc(maps.Keys(o), func(a, b account) int { return bytes.Compare(a[1:], b[1:]) }) // want `map order`
	_ = slices.SortedFunc(maps.Keys(m), func(a, b string) int { return cmp.Compare(a, a) })            // want `map order`
	_ = slices.SortedFunc(maps.Keys(m), strings.Compare)
	_ = slices.SortedFunc(maps.Keys(m), cmp.Compare[string])
	byLength := func(a, b string) int { return cmp.Compare(len(a), len(b)) }
	_ = slices.SortedFunc(maps.Keys(m), byLength) // want `map order`
}

func collected(m map[string]int, after string) []string {
	var keys []string
	for k, v := range m {
		long := k + "!"
		if strings.HasPrefix(k, after) && v > 3 {
			continue
		}
		keys = append(keys, long, string([]byte(k)))
	}
	slices.Sort(keys)
	return keys
}

func collectedBadly(m map[string]int) []string {
	var keys, other []string
	for k := range m { // want `map order`
		keys = append(keys, k)
	}
	for k := range m { // want `map order`
		keys = append(keys, k)
	}
	other = append(other, keys...)
	slices.Sort(keys)
	for k := range m { // want `map order`
		keys = append(keys, k)
		other = append(other, k)
	}
	slices.Sort(keys)
	for k := range m { // want `map order`
		if len(keys) < 3 {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for k := range m { // want `map order`
		keys = append(keys, k)
		break
	}
	slices.Sort(keys)
	for k := range m { // want `map order`
		keys = append(keys, effect(k))
	}
	slices.Sort(keys)
	for k := range m { // want `map order`
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	switch {
	case len(keys) > 0:
		for k := range m {
			keys = append(keys, k)
		}
		slices.Sort(keys)
	}
	return other
}

var effects []string

func effect(k string) string {
	effects = append(effects, k)
	return k
}

func clocks(at time.Time, d time.Duration) time.Time {
	_ = time.Unix(0, 0).Add(d)
	now := time.Now // want `clock`
	_ = now
	clockwork.Sleep(d)                                                  // want `clock`
	_ = at.Local()                                                      // want `clock`
	_ = at.In(time.Local)                                               // want `clock`
	_, cancel := context.WithTimeout(context.Background(), time.Second) // want `clock`
	cancel()
	return time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
}

const half = 0.5

type weight float64 // want `float`

func floats(n uint64, w weight) uint64 { // want `float`
	const exact = 1e9
	x := 1.5                       // want `float`
	_ = x                          // want `float`
	y := half * 2                  // want `float`
	_ = y                          // want `float`
	_ = complex(1, 2)              // want `float`
	_ = time.Duration(n).Seconds() // want `float`
	return n*exact + uint64(1.5e3)
}

func number[T int | float64](t T) T { return t } // want `float`

func concurrent(c chan int) { // want `channel`
	go floats(1, 2) // want `goroutine` `float`
	var group sync.WaitGroup
	group.Go(func() {}) // want `goroutine`
	select {            // want `select`
	case c <- 1: // want `channel`
	case <-c: // want `channel`
	}
}

func addresses(p *int) string {
	_ = reflect.ValueOf(p).Pointer() // want `address`
	return fmt.Sprintf("%p", p)      // want `address`
}
