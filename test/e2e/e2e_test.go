//go:build e2e

// Package e2e holds the acceptance tests of whole networks: real processes,
// real disks, real sockets, and `kill -9`.
//
//	make build
//	CESS_BIN=$PWD/bin/cess go test -tags e2e [-short] ./test/e2e
//
// Choices that are made at random follow a seed, which every test prints;
// CESS_E2E_SEED sets it. Logs of a failed test are shown in part and kept whole
// with go test -artifacts.
package e2e

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/gocess/gocess/primitives/scale"
)

const (
	miB = 1 << 20
	giB = 1 << 30
)

// seedEnv sets the seed of a run.
const seedEnv = "CESS_E2E_SEED"

// seeded makes the test's choices repeatable.
func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv(seedEnv); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("%s: %v", seedEnv, err)
		}
	}
	t.Logf("%s=%d", seedEnv, seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// within bounds what a test waits for.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

const pollEvery = 200 * time.Millisecond

// eventually waits until met returns "", and fails the test with the last
// answer if that takes too long.
func eventually(t *testing.T, limit time.Duration, what string, met func() (lacking string)) {
	t.Helper()
	for deadline := time.Now().Add(limit); ; time.Sleep(pollEvery) {
		lacking := met()
		if lacking == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v: %s", what, limit, lacking)
		}
	}
}

func u128(n uint64) scale.U128 { return scale.U128From64(n) }
