package crypto

import (
	"slices"
	"strconv"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

var someKeys = sync.OnceValue(func() (keys []Pair) {
	for _, scheme := range schemes {
		for i := range 4 {
			pair, err := FromURI(scheme, "//batch//"+strconv.Itoa(i))
			if err != nil {
				panic(err)
			}
			keys = append(keys, pair)
		}
	}
	return keys
})

func TestEmptyBatch(t *testing.T) {
	b := NewBatch(0)
	for range 2 {
		if ok, each := b.Verify(); !ok || len(each) != 0 {
			t.Errorf("empty batch: %t, %v", ok, each)
		}
		b.Reset()
	}
}

// Whatever is in a batch, each verdict is that of Verify; also when the batch is used again.
func TestBatchAgreesWithSingles(t *testing.T) {
	batch := NewBatch(0)
	rapid.Check(t, func(t *rapid.T) {
		batch.Reset()
		var want []bool
		for range rapid.IntRange(0, 12).Draw(t, "n") {
			pair := rapid.SampledFrom(someKeys()).Draw(t, "key")
			msg := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "msg")
			sig, err := pair.Sign(msg)
			if err != nil {
				t.Fatal(err)
			}
			public, account := pair.Public(), pair.AccountID()
			switch rapid.IntRange(0, 5).Draw(t, "damage") {
			case 0:
				sig[rapid.IntRange(0, len(sig)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
			case 1:
				public[rapid.IntRange(0, len(public)-1).Draw(t, "at")] ^= 1
				account[rapid.IntRange(0, 31).Draw(t, "at")] ^= 1
			case 2:
				sig = sig[:rapid.IntRange(0, len(sig)).Draw(t, "length")]
			}
			if rapid.Bool().Draw(t, "by account") {
				batch.AddAccount(pair.Scheme(), account, msg, sig)
				want = append(want, VerifyAccount(pair.Scheme(), account, msg, sig))
			} else {
				batch.Add(pair.Scheme(), public, msg, sig)
				want = append(want, Verify(pair.Scheme(), public, msg, sig))
			}
			clear(msg) // the batch must not look at its arguments later
			clear(sig)
			clear(public)
		}
		for range 2 { // Verify repeats itself
			ok, each := batch.Verify()
			if !slices.Equal(each, want) || ok != !slices.Contains(want, false) || batch.Len() != len(want) {
				t.Fatalf("batch says %t %v, singles say %v", ok, each, want)
			}
		}
	})
}

func TestBatchFindsCulprit(t *testing.T) {
	for _, size := range []int{1, 2, 64, 200} {
		for _, scheme := range schemes {
			pair := mustURI(t, scheme, "//Alice")
			batch, bad := NewBatch(0), size/2
			for i := range size {
				msg := []byte(strconv.Itoa(i))
				sig, err := pair.Sign(msg)
				if err != nil {
					t.Fatal(err)
				}
				if i == bad {
					msg = append(msg, '!')
				}
				batch.Add(scheme, pair.Public(), msg, sig)
			}
			ok, each := batch.Verify()
			if ok || slices.Index(each, false) != bad || slices.Contains(each[bad+1:], false) {
				t.Errorf("%d of %s: %t %v, want only %d to be bad", size, scheme, ok, each, bad)
			}
		}
	}
}

func TestBatchesInGoroutines(t *testing.T) {
	keys := someKeys()
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			batch := NewBatch(0)
			for round := range 5 {
				batch.Reset()
				for i, pair := range keys {
					msg := []byte{byte(worker), byte(round), byte(i)}
					sig, err := pair.Sign(msg)
					if err != nil {
						t.Error(err)
						return
					}
					batch.AddAccount(pair.Scheme(), pair.AccountID(), msg, sig)
				}
				if ok, each := batch.Verify(); !ok {
					t.Errorf("worker %d: %v", worker, each)
				}
			}
		})
	}
	wg.Wait()
}
