package tee

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	podr2chain "github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/sdk"
)

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
