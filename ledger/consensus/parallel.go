package consensus

import (
	"errors"
	"fmt"
	goruntime "runtime"
	"sync"

	"github.com/gocess/gocess/ledger/pool"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// chunkSize is how many signatures are verified together.
const chunkSize = 64

// inParallel runs fn over the ranges of n items, on all CPUs, and returns the
// error of the first range that has one, so that the outcome does not depend on
// timing. It returns when all are done.
func inParallel(n int, fn func(from, to int) error) error {
	chunks := (n + chunkSize - 1) / chunkSize
	errs := make([]error, chunks)
	next := make(chan int, chunks)
	for i := range chunks {
		next <- i
	}
	close(next)
	var wg sync.WaitGroup
	for range min(goruntime.GOMAXPROCS(0), chunks) {
		wg.Go(func() {
			for i := range next {
				errs[i] = fn(i*chunkSize, min((i+1)*chunkSize, n))
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// verifyAll verifies the signatures of extrinsics from, from+1, … of a block;
// nil ones are verified already.
func verifyAll(sigs []*runtime.SignatureCheck, from int) error {
	for i, ok := range pool.VerifyAll(sigs) {
		if !ok {
			return asInvalid(from+i, substrate.InvalidBadProof)
		}
	}
	return nil
}

// asInvalid blames the proposer for an extrinsic that does not decode or
// verify, but not for a failed read of our own state.
func asInvalid(index int, err error) error {
	if isValidity(err) || errors.Is(err, runtime.ErrExtrinsicFormat) {
		return fmt.Errorf("%w: extrinsic %d: %w", errInvalidBlock, index, err)
	}
	return err
}
