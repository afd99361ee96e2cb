package tees

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/sdk"
)

// refresh reads the workers from the chain if what is known is old. A worker
// that moved is connected anew and keeps nothing of its standing.
func (p *Pool) refresh(ctx context.Context, chain *sdk.Client) error {
	p.mu.Lock()
	fresh := time.Since(p.fetched) < p.o.Refresh && len(p.workers) > 0
	p.mu.Unlock()
	if fresh {
		return nil
	}
	workers, err := sdk.List(ctx, chain.Best(), teeworker.Workers)
	if err != nil {
		return fmt.Errorf("read TEE workers: %w", err)
	}
	endpoints, err := sdk.List(ctx, chain.Best(), teeworker.Endpoints)
	if err != nil {
		return fmt.Errorf("read TEE endpoints: %w", err)
	}
	at := make(map[types.WorkerPublicKey]string, len(endpoints))
	for _, e := range endpoints {
		at[e.Key] = string(e.Value)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	known := make(map[types.WorkerPublicKey]*member, len(workers))
	for _, w := range workers {
		endpoint := at[w.Key]
		if endpoint == "" || len(p.o.Only) > 0 && !slices.Contains(p.o.Only, w.Key) {
			continue
		}
		m := p.workers[w.Key]
		if m == nil || m.endpoint != endpoint {
			m = &member{key: w.Key, endpoint: endpoint}
		}
		role := w.Value.Role
		m.duties = [2]bool{
			Mark:   role == teeworker.Full || role == teeworker.Marker,
			Verify: role == teeworker.Full || role == teeworker.Verifier,
		}
		known[w.Key] = m
	}
	var errs []error
	for key, m := range p.workers {
		if known[key] != m {
			errs = append(errs, m.close())
		}
	}
	p.workers, p.fetched = known, time.Now()
	return errors.Join(errs...)
}
