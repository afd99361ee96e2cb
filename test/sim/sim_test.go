// Package sim plays random calls of users, gateways, miners, TEE workers,
// validators and the network's government over all pallets of storage and of
// the mining economy, and holds after every few blocks that all books agree.
//
//	go test ./test/sim                      a few thousand calls
//	CESS_SIM_CALLS=1000000 go test -timeout 0 -run TestSimulation -v ./test/sim
//	CESS_SIM_SEED=7 go test ./test/sim      other calls; a failure prints its seed
//
// CESS_SIM_EVERY is the number of blocks between two checks, 2 unless set;
// CESS_SIM_REPLAY how many calls the second run makes, all unless set;
// CESS_SIM_REASONS=1 lists why calls were refused.
//
// The chain is the real runtime with all pallets and short days; signatures of
// TEE workers are real, and the proofs behind them are not: the chain looks at
// a proof only in a dispute. Every seed runs twice, with state stores of
// different caches, and both must reach the same state roots.
package sim

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
)

// calls and seeds of a run without environment variables.
const (
	shortCalls = 3000
	firstSeed  = 1
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
	first := play(t, seed, calls, 1<<20)
	t.Log(first.report())
	again := calls
	if n := int(number(t, "CESS_SIM_REPLAY", uint64(calls))); n < calls {
		again = n
	}
	second := play(t, seed, again, 64<<20)
	if n := len(second.roots); n == 0 || !slices.Equal(first.roots[:n], second.roots) {
		t.Fatalf("seed %d: two runs have different state roots", seed)
	}
	if calls < shortCalls {
		return
	}
	valid, invalid := first.valid*3 >= first.calls, first.invalid()*3 >= first.calls
	if !valid || !invalid {
		t.Errorf("%d calls, %d valid ones: at least a third of each is wanted", first.calls, first.valid)
	}
	for _, what := range []string{
		"FileBank.upload_declaration", "FileBank.transfer_report", "FileBank.calculate_report", "FileBank.delete_file",
		"FileBank.generate_restoral_order", "FileBank.claim_restoral_order", "FileBank.restoral_order_complete",
		"FileBank.cert_idle_space", "FileBank.replace_idle_space", "Audit.submit_idle_proof", "Audit.submit_service_proof",
		"Audit.submit_verify_idle_result", "Audit.submit_verify_service_result", "Podr2.dispute", "Podr2.set_version",
		"Sminer.regnstk", "Sminer.register_pois_key", "Sminer.receive_reward", "Sminer.miner_exit_prep",
	} {
		if first.done[what] == 0 {
			t.Errorf("%s never succeeded", what)
		}
	}
}

// play makes a number of calls. A failure, also a panic of the runtime, comes
// with the seed, the step and the last calls.
func play(t *testing.T, seed uint64, calls int, cache int64) (s *sim) {
	t.Helper()
	f := &failer{T: t}
	defer func() {
		if r := recover(); r != nil {
			f.Fatalf("panic: %v\n%s", r, stack())
		}
	}()
	s = newSim(f, seed, cache)
	f.where = func() string {
		return fmt.Sprintf("seed %d, call %d, block %d\n%s", seed, s.calls, s.Number(), s.trace())
	}
	for s.calls < calls {
		s.step()
	}
	s.check()
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
