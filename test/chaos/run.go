package chaos

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// Settings of a run.
type Settings struct {
	Binary string
	Seed   uint64
	// Full strikes as often as the manifest's Full counts say.
	Full bool
	// Count, if not zero, is how often each fault strikes.
	Count int
	// Rate, if not zero, is the number of transfers per second.
	Rate int
	// Soak is how long scenarios without counts last; 0 skips them.
	Soak time.Duration
}

// drainTimeout bounds the time until all transfers are in blocks.
const drainTimeout = 3 * time.Minute

// Run plays a scenario and checks what it promises.
func Run(t *testing.T, m Manifest, s Settings) {
	m = m.complete()
	if s.Rate > 0 {
		m.Rate = s.Rate
	}
	if m.Soak && s.Soak == 0 {
		t.Skip("no time is given to soak")
	}
	if m.DiskBytes > 0 {
		if err := DisksWork(); err != nil && !m.Soak {
			t.Skip(err)
		} else if err != nil {
			t.Logf("no disk gets full: %v", err)
			m.DiskBytes = 0
			m.Faults = slices.DeleteFunc(slices.Clone(m.Faults), func(p Planned) bool { return p.Fault.Name == DiskFull.Name })
		}
	}
	t.Logf("%s: %s", m.Name, m.Proves)
	t.Logf("seed %d", s.Seed)
	w := &World{
		t: t, manifest: m, rng: rand.New(rand.NewPCG(s.Seed, 0)),
		chain: NewChain(), recovered: make(map[string]Durations),
	}
	w.net = NewNetwork(t, s.Binary, &m, rand.New(rand.NewPCG(s.Seed, 1)))
	var err error
	if w.load, err = NewLoad(t.Context(), w.net); err != nil {
		t.Fatal(err)
	}
	defer w.load.close()
	stopWatching := w.watch(t.Context())
	defer stopWatching()
	stopLoad := w.transfers(t.Context())
	defer stopLoad()
	began := time.Now()
	if m.Soak {
		err = w.soak(s.Soak)
	} else {
		err = w.strikes(s)
	}
	stopLoad()
	elapsed := time.Since(began)
	if err != nil {
		t.Fatal(errors.Join(err, w.chain.Err()))
	}
	w.finish(elapsed, stopWatching)
}

// watch starts the checker and the meter; the function that it returns ends
// them.
func (w *World) watch(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	for _, n := range w.net.Nodes {
		f := &follower{net: w.net, node: n, chain: w.chain, onBlock: w.load.onBlock}
		w.followers = append(w.followers, f)
		wg.Go(func() { f.run(ctx) })
	}
	w.meter = newMeter(w.net)
	wg.Go(func() { w.meter.run(ctx) })
	return func() { cancel(); wg.Wait() }
}

func (w *World) transfers(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { w.load.run(ctx, w.manifest.Rate) })
	return func() { cancel(); wg.Wait() }
}

// strikes plays every planned fault as often as it is planned.
func (w *World) strikes(s Settings) error {
	var queue []Fault
	for _, p := range w.manifest.Faults {
		count := p.Short
		if s.Full {
			count = p.Full
		}
		if s.Count > 0 {
			count = s.Count
		}
		for range count {
			queue = append(queue, p.Fault)
		}
	}
	w.rng.Shuffle(len(queue), func(i, j int) { queue[i], queue[j] = queue[j], queue[i] })
	for i, f := range queue {
		if err := w.play(f, fmt.Sprintf("%d of %d", i+1, len(queue))); err != nil {
			return err
		}
	}
	return nil
}

// soak draws faults until the time is over.
func (w *World) soak(long time.Duration) error {
	var bag []Fault
	for _, p := range w.manifest.Faults {
		for range p.Full {
			bag = append(bag, p.Fault)
		}
	}
	for began := time.Now(); time.Since(began) < long; {
		f := bag[w.rng.IntN(len(bag))]
		if err := w.play(f, time.Since(began).Round(time.Second).String()); err != nil {
			return err
		}
	}
	return nil
}

// play lets a fault strike once and waits until the network has recovered:
// until every node has a block that nobody had when the fault ended.
func (w *World) play(f Fault, label string) error {
	time.Sleep(w.between(0, w.manifest.Rest))
	if err := w.look(); err != nil {
		return fmt.Errorf("%s: who has a seat: %w", f.Name, err)
	}
	s := f.draw(w)
	ctx, cancel := context.WithTimeout(w.t.Context(), w.manifest.Bound+s.hold)
	defer cancel()
	before, began := w.chain.Top(), time.Now()
	if err := s.begin(); err != nil {
		return fmt.Errorf("%s: %w", s.story, err)
	}
	if s.during != nil {
		var err error
		if _, w.cutTop, err = w.net.ahead(ctx, w.net.Nodes); err != nil {
			return fmt.Errorf("%s: %w", s.story, err)
		}
	}
	select {
	case <-time.After(s.hold):
	case <-w.chain.broken:
		return w.chain.Err()
	}
	if s.during != nil {
		if err := s.during(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.story, err)
		}
	}
	if err := s.heal(); err != nil {
		return fmt.Errorf("%s: end it: %w", s.story, err)
	}
	healed, top := time.Now(), w.chain.Top()
	lasted := healed.Sub(began)
	ctx, cancel = context.WithTimeout(w.t.Context(), w.manifest.Bound)
	defer cancel()
	if err := w.reaches(ctx, w.net.Nodes, top+1); err != nil {
		return fmt.Errorf("%s: recover: %w", s.story, err)
	}
	took := time.Since(healed)
	w.recovered[f.Name] = append(w.recovered[f.Name], took)
	w.story("%s: %s for %v; blocks %d to %d, recovered in %v", label, s.story,
		lasted.Round(10*time.Millisecond), before, top, took.Round(10*time.Millisecond))
	return w.chain.Err()
}

// finish waits for what is under way and checks everything once more.
func (w *World) finish(elapsed time.Duration, stopWatching func()) {
	t := w.t
	ctx, cancel := context.WithTimeout(t.Context(), drainTimeout)
	defer cancel()
	if err := w.load.drain(ctx); err != nil {
		t.Error(err)
	}
	for _, f := range w.followers {
		if err := f.reread(ctx); err != nil {
			t.Fatal(err)
		}
		c, err := w.net.Dial(ctx, f.node)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.load.settle(ctx, c); err != nil {
			t.Errorf("%s: %v", f.node.Name, err)
		}
		_ = c.Close() // only questions were asked
	}
	if w.manifest.Check != nil {
		if err := w.manifest.Check(w); err != nil {
			t.Error(err)
		}
	}
	stopWatching()
	if err := w.chain.Err(); err != nil {
		t.Error(err)
	}
	w.report(elapsed)
	if err := w.net.stop(); err != nil {
		t.Error(err)
	}
	for _, n := range w.net.Nodes {
		if err := n.verify(ctx); err != nil {
			t.Error(err)
		}
	}
}

func (w *World) report(elapsed time.Duration) {
	l := w.load
	total := l.total()
	w.story("%d blocks and %d transfers in %v: %.0f transfers/s; sent again %d, refused %d (most of them in a block already), unanswered %d, held back %d",
		w.chain.Top(), total, elapsed.Round(time.Second), float64(total)/elapsed.Seconds(),
		l.resent.Load(), l.refused.Load(), l.unanswered.Load(), l.heldBack.Load())
	for _, name := range slices.Sorted(maps.Keys(w.recovered)) {
		w.story("recovery after %s: %v", name, w.recovered[name])
	}
	w.story("%s", w.meter.report())
}
