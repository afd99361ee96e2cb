package podr2_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/audit/audittest"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// lots puts n fragments on the miner's list, names only.
func (w *world) lots(n int) {
	w.t.Helper()
	names := make([]types.Hash, 0, n)
	for i := range n {
		names = append(names, types.HashOf(sha256.Sum256(binary.LittleEndian.AppendUint32(nil, uint32(i)))))
	}
	w.Set(func(ctx *runtime.Context) error { return lists.Add(ctx, w.miner, names) })
}

var sizes = []int{10, 1_000, 100_000}

// BenchmarkFreeze is what the start of a challenge adds, and BenchmarkChange
// the removal and the return of a fragment while the list is frozen.
func BenchmarkFreeze(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("%d-fragments", n), func(b *testing.B) {
			w := newWorld(b, audittest.Options{})
			w.lots(n)
			ctx := w.Ctx()
			b.ReportAllocs()
			for b.Loop() {
				lists.Freeze(ctx, w.miner)
			}
		})
	}
}

func BenchmarkChange(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("%d-fragments", n), func(b *testing.B) {
			w := newWorld(b, audittest.Options{})
			w.lots(n)
			ctx := w.Ctx()
			lists.Freeze(ctx, w.miner)
			b.ReportAllocs()
			for b.Loop() {
				if err := lists.Remove(ctx, w.miner, w.names[:1]); err != nil {
					b.Fatal(err)
				}
				if err := lists.Add(ctx, w.miner, w.names[:1]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDispute is a dispute without the transaction around it: reading the
// frozen list, deriving the query and verifying the proof. The proof is wrong,
// which costs the same as a right one.
func BenchmarkDispute(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("%d-fragments", n), func(b *testing.B) {
			w := newWorld(b, audittest.Options{})
			var proof []byte
			w.round(w.miner, func(right []byte) []byte { proof = right; return right })
			w.Must(w.miner, w.ServiceVerdict(w.miner, false, audittest.TEE))
			w.End(w.miner)
			w.lots(n)
			w.Challenge(w.miner)
			w.Must(w.miner, audit.SubmitServiceProof{Proof: proof})
			w.Must(w.miner, w.ServiceVerdict(w.miner, false, audittest.TEE))
			call := podr2.Dispute{Miner: w.miner}
			for b.Loop() {
				if err := call.Dispatch(w.Ctx(), runtime.SignedOrigin(palletstest.Bob)); err != podr2.ErrVerdictStands {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(proof)), "bytes/proof")
		})
	}
}

// BenchmarkRound is the chain's whole work for one audit of a miner: challenge,
// proofs and both verdicts, with signatures of the master key and fees.
func BenchmarkRound(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("%d-fragments", n), func(b *testing.B) {
			w := newWorld(b, audittest.Options{})
			w.lots(n)
			w.Challenge(w.miner)
			proof := bytes.Repeat([]byte{1}, 129)
			idle := audit.SubmitIdleProof{Proof: audittest.IdleHash}
			service := audit.SubmitServiceProof{Proof: proof}
			at := w.Ctx()
			idleVerdict, serviceVerdict := w.verdicts(at, proof)
			carried := 0
			for _, call := range []runtime.Call{idle, service, idleVerdict, serviceVerdict} {
				raw, err := scale.Marshal(runtime.RuntimeCall{Call: call})
				if err != nil {
					b.Fatal(err)
				}
				carried += len(raw)
			}
			b.ReportAllocs()
			for b.Loop() {
				ctx := w.Ctx()
				lists.Freeze(ctx, w.miner)
				for _, call := range []runtime.Call{idle, service, idleVerdict, serviceVerdict} {
					if err := call.Dispatch(ctx, runtime.SignedOrigin(w.miner)); err != nil {
						b.Fatal(err)
					}
				}
				lists.Release(ctx, w.miner)
			}
			b.ReportMetric(float64(carried), "call-bytes/round")
		})
	}
}

// verdicts are those on the proofs that will be there.
func (w *world) verdicts(ctx *runtime.Context, proof []byte) (audit.SubmitVerifyIdleResult, audit.SubmitVerifyServiceResult) {
	c, _ := audit.Challenges.Get(ctx, w.miner)
	signed := audit.ServiceVerdict{
		Miner: w.miner, TEE: audittest.TEE, Proof: proof, Result: true,
		Challenge: c.Element.ServiceParam, BloomFilter: c.Snapshot.ServiceBloomFilter,
	}
	return w.IdleVerdict(w.miner, true, audittest.TEE), audit.SubmitVerifyServiceResult{
		Result: true, Signature: w.Sign(signed.Digest()), BloomFilter: c.Snapshot.ServiceBloomFilter, TEE: audittest.TEE,
	}
}
