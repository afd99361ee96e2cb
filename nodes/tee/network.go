package tee

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	podr2chain "github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
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

// pauses keep the worker from paying fees for the same failure again and again.
type pauses struct{ register, launch, apply, hand, tagger pause }

type pause struct {
	until time.Time
	last  time.Duration
}

func (p *pause) over() bool { return time.Now().After(p.until) }

func (p *pause) longer() {
	p.last = min(max(2*p.last, firstPause), lastPause)
	p.until = time.Now().Add(p.last)
}

func (p *pause) reset() { *p = pause{} }

// attempt does something that may fail, with growing pauses.
func (p *pause) attempt(do func() error) error {
	if !p.over() {
		return nil
	}
	if err := do(); err != nil {
		p.longer()
		return err
	}
	p.reset()
	return nil
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
		return p.register.attempt(func() error { return w.register(ctx) })
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

// info is what the worker says about itself.
func (w *Worker) info() teeworker.WorkerRegistrationInfo {
	i := teeworker.WorkerRegistrationInfo{
		Version: workerVersion, PublicKey: w.identity.public, ECDHPublicKey: w.identity.public,
		GenesisBlockHash: w.client.Genesis(), Features: []uint32{uint32(runtime.NumCPU()), 1},
		Role: w.cfg.Role, Endpoint: w.Endpoint(),
	}
	if w.cfg.Stash != nil {
		i.StashAccount = scale.Some(*w.cfg.Stash)
	}
	return i
}

// outdated says whether a worker's record is missing, says something else than
// the worker, or has evidence that is a day old or missing.
func outdated(self *teeworker.Worker, i teeworker.WorkerRegistrationInfo, attests bool, now time.Time) bool {
	if self == nil || self.Endpoint != i.Endpoint || self.Role != i.Role || self.StashAccount != i.StashAccount {
		return true
	}
	return attests && (!self.AttestationProvider.IsSome() || now.Sub(time.Unix(int64(self.LastUpdated), 0)) > evidenceLife)
}

// register puts the worker on record, with evidence if the machine has any.
func (w *Worker) register(ctx context.Context) error {
	info := w.info()
	if err := w.prove(ctx, info); err != nil {
		return err
	}
	_, err := w.client.Submit(ctx, w.cfg.Signer, teeworker.RegisterWorker{Info: info})
	if err != nil {
		return err
	}
	w.log.Info("registered", "endpoint", info.Endpoint, "attestation", w.cfg.Attester.Kind())
	return nil
}

// launch makes a master key, or takes the one that an interrupted launch made,
// and tells the chain its public half. The key is safe on disk before that.
func (w *Worker) launch(ctx context.Context, s *standing) error {
	m := w.ring.unused(s.keys)
	if m == nil {
		var err error
		if m, err = generateMaster(); err != nil {
			return err
		}
		if err := w.ring.addMaster(m); err != nil {
			return err
		}
	}
	if w.ring.version2() == nil && len(s.taggerKey) == 0 {
		t, err := generateTaggerV2()
		if err != nil {
			return err
		}
		if err := w.ring.setTagger(t); err != nil {
			return err
		}
	}
	payload := teeworker.MasterKeyLaunchPayload{Launcher: w.identity.public, MasterPubkey: m.sign.public}
	signature, err := signPayload(w.identity, payload)
	if err != nil {
		return err
	}
	if _, err := w.client.Submit(ctx, w.cfg.Signer, teeworker.SettleMasterKeyLaunch{Payload: payload, Signature: signature}); err != nil {
		return err
	}
	w.log.Info("launched a master key", "public", m.sign)
	return nil
}

func signPayload[T any](k *keyPair, payload T) ([]byte, error) {
	b, err := scale.Marshal(payload)
	if err != nil {
		return nil, err
	}
	signature, err := k.sign(b)
	return signature[:], err
}

// obtain takes the keys that another worker delivered, or asks for them.
func (w *Worker) obtain(ctx context.Context, p *pauses, key teeworker.MasterKeyInfo) error {
	post, found, err := sdk.Find(ctx, w.client.Best(), teeworker.MasterKeyPostation, w.identity.public)
	if err != nil {
		return err
	}
	if delivery, ok := post.Get(); found && ok {
		d := delivery.Payload
		plain, err := w.identity.decryptFrom(d.ECDHPublicKey, d.EncryptedMasterKey, d.IV)
		if err == nil {
			err = w.ring.adopt(plain, key.PublicKey)
		}
		if err == nil {
			w.log.Info("received the master key", "public", hex.EncodeToString(key.PublicKey[:]), "from", hex.EncodeToString(d.Distributor[:]))
			return nil
		}
		w.log.Warn("a delivery of the master key is of no use", "from", hex.EncodeToString(d.Distributor[:]), "err", err)
	}
	if !p.apply.over() {
		return nil
	}
	p.apply.longer() // the answer takes some blocks
	seconds, err := w.chainSeconds(ctx)
	if err != nil {
		return err
	}
	payload := teeworker.MasterKeyApplyPayload{PublicKey: w.identity.public, ECDHPublicKey: w.identity.public, SigningTime: seconds}
	signature, err := signPayload(w.identity, payload)
	if err != nil {
		return err
	}
	_, err = w.client.Submit(ctx, w.cfg.Signer, teeworker.ApplyMasterKey{Payload: payload, Signature: signature})
	return err
}

// handOver sends the keys to a worker that the chain wants this one to serve.
func (w *Worker) handOver(ctx context.Context, p *pauses, s *standing, m *master) error {
	target, waiting, err := sdk.Find(ctx, s.at, teeworker.MasterKeyDistributeNotify, w.identity.public)
	if err != nil || !waiting {
		return err
	}
	return p.hand.attempt(func() error {
		record, found, err := sdk.Find(ctx, s.at, teeworker.Workers, target)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("hand over the master key: worker %x is not registered", target)
		}
		open, err := sdk.Get(ctx, s.at, teeworker.NoneAttestationEnabled)
		if err != nil {
			return err
		}
		if err := w.trusts(&record, open); err != nil {
			return fmt.Errorf("hand over the master key to worker %x: %w", target, err)
		}
		return w.send(ctx, m, &record)
	})
}

// trusts says whether a worker may have the master key: one without evidence
// only where the chain admits such workers.
func (w *Worker) trusts(record *teeworker.Worker, noneEnabled bool) error {
	provider, attested := record.AttestationProvider.Get()
	if !attested || provider == teeworker.ProviderRoot {
		if noneEnabled {
			return nil
		}
		return errors.New("it has no evidence")
	}
	if record.ConfidenceLevel > w.cfg.MaxConfidence {
		return fmt.Errorf("its confidence level is %d, at worst %d is accepted", record.ConfidenceLevel, w.cfg.MaxConfidence)
	}
	return nil
}

func (w *Worker) send(ctx context.Context, m *master, to *teeworker.Worker) error {
	plain, err := w.ring.export()
	if err != nil {
		return err
	}
	public, encrypted, iv, err := m.encryptTo(to.ECDHPublicKey, plain)
	if err != nil {
		return err
	}
	seconds, err := w.chainSeconds(ctx)
	if err != nil {
		return err
	}
	payload := teeworker.MasterKeyDistributePayload{
		Distributor: w.identity.public, Target: to.PublicKey, ECDHPublicKey: public,
		EncryptedMasterKey: encrypted, IV: iv, SigningTime: seconds,
	}
	signature, err := signPayload(w.identity, payload)
	if err != nil {
		return err
	}
	if _, err := w.client.Submit(ctx, w.cfg.Signer, teeworker.DistributeMasterKey{Payload: payload, Signature: signature}); err != nil {
		return err
	}
	w.log.Info("handed over the master key", "to", hex.EncodeToString(to.PublicKey[:]))
	return nil
}

// publishTagger makes the key of version 2 known to the chain. A key that
// governance cleared is replaced by a new one.
func (w *Worker) publishTagger(ctx context.Context, s *standing, m *master) error {
	t := w.ring.version2()
	if t != nil {
		_, known, err := sdk.Find(ctx, s.at, podr2chain.TaggerKeys, podr2chain.KeyID(t.key.Public().ID()))
		if err != nil {
			return err
		}
		if known {
			t = nil
		}
	}
	if t == nil {
		var err error
		if t, err = generateTaggerV2(); err != nil {
			return err
		}
		if err := w.ring.setTagger(t); err != nil {
			return err
		}
	}
	digest := podr2chain.TaggerKeyDigest(t.key.Public())
	signature, err := signDigest(m, digest)
	if err != nil {
		return err
	}
	_, err = w.client.Submit(ctx, w.cfg.Signer, podr2chain.RegisterTaggerKey{Key: t.key.Public().Bytes(), Signature: signature[:]})
	if err != nil {
		return err
	}
	w.log.Info("published the key of version 2", "key", t.key.Public().ID())
	return nil
}

// checkIdentity refuses at the start what can never work.
func (w *Worker) checkIdentity(ctx context.Context) error {
	open, err := sdk.Get(ctx, w.client.Best(), teeworker.NoneAttestationEnabled)
	if err != nil || open {
		return err
	}
	if w.cfg.Identity != nil {
		return errors.New("tee: an identity from the configuration is for development chains; this one wants evidence")
	}
	if w.cfg.Attester.Kind() == (NoAttestation{}).Kind() {
		return errors.New("tee: this chain admits only workers with evidence; choose tdx or sev-snp on a machine that has it")
	}
	return nil
}

// Doing says what the worker is busy with beside serving.
func (w *Worker) Doing() string { return w.doing.Load().(string) }

// unhex reads 0x-hex.
func unhex(s string) ([]byte, error) {
	digits, ok := strings.CutPrefix(s, "0x")
	if !ok {
		return nil, fmt.Errorf("%.20q: 0x is missing", s)
	}
	return hex.DecodeString(digits)
}

// injectedIdentity is a key from the configuration; nil if there is none.
func injectedIdentity(given interface{ Public() []byte }) (*keyPair, error) {
	if given == nil {
		return nil, nil
	}
	sr, ok := given.(*crypto.Sr25519Pair)
	if !ok {
		return nil, errors.New("the identity of a worker is an sr25519 key")
	}
	return &keyPair{sr, sr.AccountID()}, nil
}
