package tee

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	podr2chain "github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/sdk"
)

// The worker's dealings with the chain: it registers, makes or gets the master
// key, hands it on, and publishes the key of version 2. The chain and the vault
// say all there is to know, so that a crash at any point is harmless.

const (
	// workerVersion is major<<16 + minor<<8 + patch.
	workerVersion = 1 << 16
	// evidenceLife is how long evidence of the machine is good enough.
	evidenceLife = 24 * time.Hour
	// sweepEvery is the pause between looks for old journal records.
	sweepEvery = time.Hour
	// Pauses after something failed, or between applications: the first, doubled
	// until the last.
	firstPause = 10 * time.Second
	lastPause  = 5 * time.Minute
	// stepTimeout bounds one look at the chain with what follows.
	stepTimeout = 5 * time.Minute
)

// standing is what the chain says of this worker and of the keys.
type standing struct {
	at        sdk.At
	self      *teeworker.Worker // nil if not registered
	status    teeworker.LaunchStatus
	keys      [][32]byte // accepted master keys, as chainView.MasterKeys
	taggerKey []byte     // nil if none
}

// run keeps the worker's standing until ctx ends.
func (w *Worker) run(ctx context.Context) {
	tick := time.NewTicker(w.cfg.Every)
	defer tick.Stop()
	heads := w.heads(ctx)
	p := new(pauses)
	var swept time.Time
	for {
		step, cancel := context.WithTimeout(ctx, stepTimeout)
		if err := w.step(step, p); err != nil && ctx.Err() == nil {
			w.log.Warn("keep the worker's standing", "doing", w.Doing(), "err", err)
		}
		cancel()
		if time.Since(swept) >= sweepEvery {
			swept = time.Now()
			if err := errors.Join(w.commitments.sweep(), w.histories.sweep()); err != nil {
				w.log.Warn("remove old records", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-heads:
		case <-tick.C:
		}
	}
}

// heads says when there is a new block. The delivery of a key is on chain for
// a few blocks only.
func (w *Worker) heads(ctx context.Context) <-chan struct{} {
	out := make(chan struct{}, 1)
	w.running.Go(func() {
		for ctx.Err() == nil {
			if stream, err := w.client.Heads(ctx); err == nil {
				for {
					if _, err := stream.Next(ctx); err != nil {
						break
					}
					select {
					case out <- struct{}{}:
					default:
					}
				}
				stream.Close()
			}
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	})
	return out
}

func (w *Worker) standing(ctx context.Context) (*standing, error) {
	view := nodeView{client: w.client}
	at, err := view.now(ctx)
	if err != nil {
		return nil, err
	}
	s := &standing{at: at}
	self, found, err := sdk.Find(ctx, at, teeworker.Workers, w.identity.public)
	if err != nil {
		return nil, err
	}
	if found {
		s.self = &self
	}
	if s.status, err = sdk.Get(ctx, at, teeworker.MasterKeyStatus); err != nil {
		return nil, err
	}
	history, err := sdk.Get(ctx, at, teeworker.MasterKeyHistory)
	if err != nil {
		return nil, err
	}
	if launched, ok := s.status.(teeworker.Launched); ok {
		s.keys = append(s.keys, launched.Key.PublicKey)
	}
	for _, old := range slices.Backward(history) {
		s.keys = append(s.keys, old.PublicKey)
	}
	key, err := at.Raw(ctx, podr2chain.TaggerKey.Key())
	if err != nil || key == nil {
		return s, err
	}
	decoded, err := podr2chain.TaggerKey.DecodeValue(key)
	s.taggerKey = decoded
	return s, err
}

// step looks at the chain once and does what is due.
func (w *Worker) step(ctx context.Context, p *pauses) error {
	s, err := w.standing(ctx)
	if err != nil {
		w.doing.Store("waiting for the node")
		return err
	}
	// While a key is rolled the one before it still signs.
	if len(s.keys) > 0 {
		w.ring.use(s.keys[0])
	} else {
		w.ring.use([32]byte{})
	}
	w.ring.publish(s.taggerKey)
	ready := w.ring.current() != nil && s.self != nil
	w.metrics.ready.Set(map[bool]float64{true: 1}[ready])
	attests := w.cfg.Attester.Kind() != (NoAttestation{}).Kind()
	if outdated(s.self, w.info(), attests, time.Now()) {
		w.doing.Store("registering")
		return p.register.attempt(func() error { return w.register(ctx, s.self) })
	}
	switch status := s.status.(type) {
	case teeworker.Launching:
		if status.Holder == w.identity.public {
			w.doing.Store("launching a master key")
			return p.launch.attempt(func() error { return w.launch(ctx, s) })
		}
		w.doing.Store("waiting for another worker to launch the master key")
	case teeworker.Launched:
		return w.launched(ctx, p, s, status.Key)
	default:
		w.doing.Store("waiting for the launch of a master key by governance")
	}
	return nil
}

// launched is what is due once there is a master key.
func (w *Worker) launched(ctx context.Context, p *pauses, s *standing, key teeworker.MasterKeyInfo) error {
	tagger := w.ring.version2()
	foreign := len(s.taggerKey) > 0 && (tagger == nil || !bytes.Equal(tagger.key.Public().Bytes(), s.taggerKey))
	m := w.ring.get(key.PublicKey)
	if m == nil {
		w.doing.Store("waiting for the master key from another worker")
		return w.obtain(ctx, p, key)
	}
	if foreign {
		// Others may wait for the master key meanwhile, the giver among them.
		w.doing.Store("waiting for the key of version 2 from another worker")
		return errors.Join(w.handOver(ctx, p, s, m), w.obtain(ctx, p, key))
	}
	p.apply.reset()
	if len(s.taggerKey) == 0 && key.Holder == w.identity.public {
		w.doing.Store("publishing the key of version 2")
		if err := p.tagger.attempt(func() error { return w.publishTagger(ctx, s, m) }); err != nil {
			return err
		}
	}
	w.doing.Store("serving")
	return w.handOver(ctx, p, s, m)
}

// Doing says what the worker is busy with beside serving.
func (w *Worker) Doing() string { return w.doing.Load().(string) }
