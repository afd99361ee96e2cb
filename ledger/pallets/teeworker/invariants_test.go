package teeworker_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
)

// model is what a chain should know after any sequence of calls.
type model struct {
	*world
	pairs   []crypto.Pair
	masters []crypto.Pair
	roles   map[types.WorkerPublicKey]teeworker.Role
	settled map[types.WorkerPublicKey]bool // master keys that were in force once
}

// TestInvariants: registrations, launches, hand-overs, rolls and exits in any
// order.
func TestInvariants(t *testing.T) {
	var pairs, masters []crypto.Pair
	for i := range 5 {
		pairs = append(pairs, pair(t, fmt.Sprint("worker", i)))
		masters = append(masters, pair(t, fmt.Sprint("master", i)))
	}
	rapid.Check(t, func(t *rapid.T) {
		m := &model{
			world:   newWorld(t, open(), map[string]any{"TeeWorker.AtLeastWorkBlock": 30, "TeeWorker.SweepStep": 2}),
			pairs:   pairs,
			masters: masters,
			roles:   map[types.WorkerPublicKey]teeworker.Role{},
			settled: map[types.WorkerPublicKey]bool{},
		}
		// Most of what can happen needs some workers and a key.
		for _, p := range pairs[:3] {
			m.register(p, teeworker.Full)
			m.roles[public(p)] = teeworker.Full
		}
		if rapid.Bool().Draw(t, "launched") {
			m.world.launch(pairs[0], masters[0])
			m.settled[public(masters[0])] = true
		}
		t.Repeat(map[string]func(*rapid.T){
			"register":   m.stepRegister,
			"clear":      m.stepClear,
			"launch":     m.stepLaunch,
			"settle":     m.stepSettle,
			"change":     m.stepChange,
			"apply":      m.stepApply,
			"distribute": m.stepDistribute,
			"work":       m.stepWork,
			"wait":       m.stepWait,
			"":           m.check,
		})
	})
}

func (m *model) pick(t *rapid.T) crypto.Pair { return rapid.SampledFrom(m.pairs).Draw(t, "worker") }

// run makes a block and takes note of who left in it.
func (m *model) run(block func() error) bool {
	err := block()
	for _, e := range palletstest.EventsOf[teeworker.ClearInvalidTEEEvent](m.Chain) {
		delete(m.roles, e.PublicKey)
	}
	var module *runtime.ModuleError
	if err != nil && !errors.As(err, &module) {
		m.t.Fatalf("not an error of a pallet: %v", err)
	}
	return err == nil
}

func (m *model) stepRegister(t *rapid.T) {
	p, role := m.pick(t), rapid.SampledFrom([]teeworker.Role{teeworker.Full, teeworker.Verifier, teeworker.Marker}).Draw(t, "role")
	m.run(func() error { m.register(p, role); return nil })
	m.roles[public(p)] = role
}

func (m *model) stepClear(t *rapid.T) {
	p := m.pick(t)
	m.run(func() error { return m.Root(teeworker.ForceClearTEE{Worker: public(p)}) })
}

func (m *model) stepLaunch(t *rapid.T) {
	call := teeworker.LaunchMasterKey{Holder: public(m.pick(t)), RollIfLaunched: rapid.Bool().Draw(t, "roll")}
	m.run(func() error { return m.Root(call) })
}

func (m *model) stepSettle(t *rapid.T) {
	p, master := m.pick(t), rapid.SampledFrom(m.masters).Draw(t, "master")
	if m.run(func() error { return m.Run(palletstest.Dave, m.settle(p, master)) }) {
		if m.settled[public(master)] {
			t.Fatal("a key came back")
		}
		m.settled[public(master)] = true
	}
}

func (m *model) stepChange(t *rapid.T) {
	call := teeworker.ChangeMasterKeyHolder{NewHolder: public(m.pick(t))}
	m.run(func() error { return m.Root(call) })
}

func (m *model) stepApply(t *rapid.T) {
	p := m.pick(t)
	m.run(func() error { return m.Run(palletstest.Dave, m.apply(p)) })
}

// stepDistribute is mostly about workers that were asked for the key.
func (m *model) stepDistribute(t *rapid.T) {
	from, to := m.pick(t), public(m.pick(t))
	if rapid.IntRange(0, 3).Draw(t, "by anybody") > 0 {
		for _, p := range m.pairs {
			if teeworker.MasterKeyDistributeNotify.Contains(m.Ctx(), public(p)) {
				from = p
			}
		}
	}
	asked, ok := teeworker.MasterKeyDistributeNotify.Get(m.Ctx(), public(from))
	if ok && rapid.IntRange(0, 3).Draw(t, "to anybody") > 0 {
		to = asked
	}
	_, launched := teeworker.MasterKeyStatus.Get(m.Ctx()).(teeworker.Launched)
	if m.run(func() error { return m.Run(palletstest.Dave, m.distribute(from, to)) }) && (!ok || asked != to || !launched) {
		t.Fatal("delivered without having been asked")
	}
}

func (m *model) stepWork(t *rapid.T) {
	p := m.pick(t)
	m.run(func() error {
		return m.Do(func(ctx *runtime.Context) error { api.Worked(ctx, public(p)); return nil })
	})
}

func (m *model) stepWait(t *rapid.T) {
	for range rapid.IntRange(1, 8).Draw(t, "blocks") {
		m.run(func() error { m.NextBlocks(1); return nil })
	}
}

func (m *model) check(t *rapid.T) {
	ctx := m.Ctx()
	workers := map[types.WorkerPublicKey]bool{}
	var verifiers []types.WorkerPublicKey
	for key, w := range teeworker.Workers.Iter(ctx) {
		workers[key] = true
		if role, ok := m.roles[key]; !ok || role != w.Role {
			t.Fatalf("worker %x with role %d", key[:4], w.Role)
		}
		if w.Role != teeworker.Marker {
			verifiers = append(verifiers, key)
		}
		if !teeworker.Endpoints.Contains(ctx, key) || !teeworker.WorkerAddedAt.Contains(ctx, key) || !teeworker.LastWork.Contains(ctx, key) {
			t.Fatalf("worker %x lacks records", key[:4])
		}
	}
	if len(workers) != len(m.roles) || teeworker.Workers.Count(ctx) != uint32(len(workers)) {
		t.Fatalf("%d workers, %d counted, want %d", len(workers), teeworker.Workers.Count(ctx), len(m.roles))
	}
	listed := slices.Clone(api.Verifiers(ctx))
	byKey := func(a, b types.WorkerPublicKey) int { return slices.Compare(a[:], b[:]) }
	slices.SortFunc(listed, byKey)
	slices.SortFunc(verifiers, byKey)
	if !slices.Equal(listed, verifiers) {
		t.Fatalf("verifiers %x, want %x", listed, verifiers)
	}
	var known []types.WorkerPublicKey
	known = slices.AppendSeq(known, keysOf(teeworker.Endpoints.Iter(ctx)))
	known = slices.AppendSeq(known, keysOf(teeworker.WorkerAddedAt.Iter(ctx)))
	known = slices.AppendSeq(known, keysOf(teeworker.LastWork.Iter(ctx)))
	known = slices.AppendSeq(known, keysOf(teeworker.MasterKeyPostation.Iter(ctx)))
	known = append(known, teeworker.Left(ctx)...)
	waiting := map[types.WorkerPublicKey]bool{}
	for distributor, applier := range teeworker.MasterKeyDistributeNotify.Iter(ctx) {
		known = append(known, distributor, applier)
		post, ok := teeworker.MasterKeyPostation.Get(ctx, applier)
		if distributor == applier || waiting[applier] || !ok || post.IsSome() {
			t.Fatalf("%x is to serve %x", distributor[:4], applier[:4])
		}
		waiting[applier] = true
	}
	for key, post := range teeworker.MasterKeyPostation.Iter(ctx) {
		d, ok := post.Get()
		if !ok && !waiting[key] {
			t.Fatalf("nobody serves %x", key[:4])
		}
		if ok && d.Block+3 < m.Number() {
			t.Fatalf("delivery of block %d at block %d", d.Block, m.Number())
		}
	}
	for _, key := range known {
		if !workers[key] {
			t.Fatalf("the chain remembers %x, which is no worker", key[:4])
		}
	}
	if n := len(teeworker.DeliveryBlocks(ctx)); n > 4 {
		t.Fatalf("%d blocks of deliveries are kept", n)
	}
	if status, ok := teeworker.MasterKeyStatus.Get(ctx).(teeworker.Launched); ok && !workers[status.Key.Holder] {
		t.Fatal("the holder of the master key is gone")
	}
	master := m.masters[int(m.Number())%len(m.masters)] // one at a time, for speed
	if got := m.verifies(master); got != m.settled[public(master)] {
		t.Fatalf("a signature counts: %v, and was to: %v", got, !got)
	}
}

func keysOf[V any](entries func(yield func(types.WorkerPublicKey, V) bool)) func(yield func(types.WorkerPublicKey) bool) {
	return func(yield func(types.WorkerPublicKey) bool) {
		for k := range entries {
			if !yield(k) {
				return
			}
		}
	}
}
