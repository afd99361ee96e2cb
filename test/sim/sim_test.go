// Package sim plays random calls of users, gateways, miners, TEE workers,
// validators and the network's government over all pallets of storage, of the
// mining economy, of staking and of the framework, and holds after every few
// blocks that all books agree.
//
//	go test ./test/sim                      a few thousand calls
//	CESS_SIM_CALLS=1000000 go test -timeout 0 -run TestSimulation -v ./test/sim
//	CESS_SIM_SEED=7 go test ./test/sim      other calls; a failure prints its seed
//
// Each block's events must account for the change of the issuance.
// CESS_SIM_EVERY is the number of blocks between two checks of all books, 2
// unless set;
// CESS_SIM_REPLAY how many calls are made a second time, all unless set;
// CESS_SIM_REASONS=1 lists why calls were refused.
//
// The chain is the real runtime with all pallets and short days; signatures of
// TEE workers are real, and the proofs behind them are not: the chain looks at
// a proof only in a dispute. Every seed runs twice, with state stores of
// different caches, and both must reach the same state roots.
//
// A chain never forgets who was a miner, nor what an era paid: after worldCalls
// calls another world begins, with the next seed.
package sim

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// calls and seeds of a run without environment variables, and the calls of one
// world.
const (
	shortCalls = 3000
	firstSeed  = 1
	worldCalls = 25_000
)

func number(t *testing.T, name string, fallback uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return fallback
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

func TestSimulation(t *testing.T) {
	calls, seed := int(number(t, "CESS_SIM_CALLS", shortCalls)), number(t, "CESS_SIM_SEED", firstSeed)
	replay := int(number(t, "CESS_SIM_REPLAY", uint64(calls)))
	var mu sync.Mutex
	all := newTally() // guarded by mu
	t.Run("worlds", func(t *testing.T) {
		for from := 0; from < calls; from += worldCalls {
			n, seed := min(worldCalls, calls-from), seed+uint64(from/worldCalls)
			again := max(0, min(n, replay-from))
			t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
				t.Parallel()
				s := world(t, seed, n, again)
				mu.Lock()
				defer mu.Unlock()
				all.merge(s.tally)
				t.Logf("%d calls, %d of them twice; %s", n, again, s.state())
			})
		}
	})
	t.Log(all.report())
	if t.Failed() || calls < shortCalls {
		return
	}
	valid, invalid := all.valid*3 >= all.calls, all.invalid()*3 >= all.calls
	if !valid || !invalid {
		t.Errorf("%d calls, %d valid ones: at least a third of each is wanted", all.calls, all.valid)
	}
	for _, what := range []string{
		"FileBank.upload_declaration", "FileBank.transfer_report", "FileBank.calculate_report", "FileBank.delete_file",
		"FileBank.generate_restoral_order", "FileBank.claim_restoral_order", "FileBank.restoral_order_complete",
		"FileBank.cert_idle_space", "FileBank.replace_idle_space", "Audit.submit_idle_proof", "Audit.submit_service_proof",
		"Audit.submit_verify_idle_result", "Audit.submit_verify_service_result", "Podr2.dispute", "Podr2.set_version",
		"Sminer.regnstk", "Sminer.register_pois_key", "Sminer.receive_reward", "Sminer.miner_exit_prep",
		"Indices.claim", "Proxy.add_proxy", "Proxy.announce", "Proxy.proxy", "Multisig.as_multi", "Preimage.note_preimage",
		"Council.propose", "Council.vote", "Cacher.pay", "EvmAccountMapping.meta_call", "Utility.batch",
		"Session.set_keys", "Staking.nominate", "Staking.validate", "Staking.payout_stakers",
	} {
		if all.done[what] == 0 {
			t.Errorf("%s never succeeded", what)
		}
	}
}

// world makes so many calls, and some of them again on a second chain.
func world(t *testing.T, seed uint64, calls, again int) *sim {
	made := signatures{}
	first := play(t, seed, calls, 1<<20, made)
	if again == 0 {
		return first
	}
	second := play(t, seed, again, 64<<20, made)
	if again == calls {
		first.root()
		second.root()
	}
	if n := len(second.roots); n > len(first.roots) || !slices.Equal(first.roots[:n], second.roots) {
		t.Fatalf("seed %d: two runs have different state roots", seed)
	}
	return first
}

// play makes a number of calls. A failure, also a panic of the runtime, comes
// with the seed, the step and the last calls.
func play(t *testing.T, seed uint64, calls int, cache int64, made signatures) (s *sim) {
	t.Helper()
	f := &failer{T: t}
	defer func() {
		if r := recover(); r != nil {
			f.Fatalf("panic: %v\n%s", r, stack())
		}
	}()
	s = newSim(f, seed, cache, made)
	f.where = func() string {
		return fmt.Sprintf("seed %d, call %d, block %d\n%s", seed, s.calls, s.Number(), s.trace())
	}
	for s.calls < calls {
		s.step()
	}
	for range 10 { // all that a check may leave out
		s.check()
	}
	return s
}

// failer adds where it was to each failure.
type failer struct {
	*testing.T
	where func() string
}

func (f *failer) Fatal(args ...any) {
	f.Helper()
	f.Fatalf("%s", fmt.Sprint(args...))
}

func (f *failer) Fatalf(format string, args ...any) {
	f.Helper()
	if f.where != nil {
		args = append(args, f.where())
		format += "\n%s"
	}
	f.T.Fatalf(format, args...)
}
