package tee

import (
	"context"
	"time"

	api "github.com/gocess/gocess/sdk/tee"
)

// identityPubkey is the worker's own key (spec/podr2-tee.md §2.4).
func (w *Worker) identityPubkey(ctx context.Context, r *api.KeyRequest) (*api.KeyReply, error) {
	return w.publish(ctx, r, func(stamp []byte) ([]byte, []byte, error) {
		sig, err := w.identity.sign(stamp)
		return w.identity.public[:], sig[:], err
	})
}

// masterPubkey is the network's key for results.
func (w *Worker) masterPubkey(ctx context.Context, r *api.KeyRequest) (*api.KeyReply, error) {
	return w.publish(ctx, r, func(stamp []byte) ([]byte, []byte, error) {
		m, err := w.ready()
		if err != nil {
			return nil, nil, err
		}
		sig, err := m.sign.sign(stamp)
		return m.sign.public[:], sig[:], err
	})
}

// podr2Pubkey is the network's RSA key of PoDR² version 1.
func (w *Worker) podr2Pubkey(ctx context.Context, r *api.KeyRequest) (*api.KeyReply, error) {
	return w.publish(ctx, r, func(stamp []byte) ([]byte, []byte, error) {
		m, err := w.ready()
		if err != nil {
			return nil, nil, err
		}
		sig, err := m.rsa.SignRaw(stamp)
		return m.rsa.Public().Bytes(), sig, err
	})
}

func (w *Worker) publish(ctx context.Context, r *api.KeyRequest, key func(stamp []byte) (public, signature []byte, err error)) (*api.KeyReply, error) {
	if _, _, err := w.minerOf(ctx, r.Miner, api.TextNotRegistered); err != nil {
		return nil, err
	}
	now := time.Now().UnixMilli()
	public, signature, err := key(api.StampBytes(now))
	if err != nil {
		return nil, err
	}
	return &api.KeyReply{Key: public, Timestamp: now, Signature: signature}, nil
}
