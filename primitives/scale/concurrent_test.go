package scale

import (
	"reflect"
	"sync"
	"testing"
)

// Many goroutines that need the same plan first all get one.
func TestPlansAreBuiltConcurrently(t *testing.T) {
	type inner struct{ A, B uint32 }
	type outer struct {
		X inner
		Y []inner
		Z Option[inner]
	}
	typ := reflect.TypeFor[outer]()
	for range 500 {
		for _, t := range []reflect.Type{typ, reflect.TypeFor[inner](), reflect.TypeFor[[]inner](), reflect.TypeFor[Option[inner]]()} {
			plans.Delete(t)
		}
		var wg sync.WaitGroup
		start := make(chan struct{})
		for range 8 {
			wg.Go(func() {
				<-start
				p, err := planFor(typ)
				if err != nil || p == nil || p.append == nil {
					t.Errorf("plan %v: %v", p, err)
				}
			})
		}
		close(start)
		wg.Wait()
	}
}
