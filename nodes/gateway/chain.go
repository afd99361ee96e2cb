package gateway

import (
	"context"
	"fmt"
	"time"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/sdk"
)

// now is the state after the best block: several reads of it agree.
func (g *Gateway) now(ctx context.Context) (sdk.At, error) {
	header, err := g.chain.Header(ctx, nil)
	if err != nil {
		return sdk.At{}, err
	}
	hash, err := header.Hash()
	return g.chain.At(hash), err
}

// submit signs a call and waits until a block includes it.
func (g *Gateway) submit(ctx context.Context, call runtime.Call) error {
	_, err := g.chain.Submit(ctx, g.cfg.Signer, call)
	return err
}

const resubscribeAfter = time.Second

// follow wakes jobs when a block concerns them.
func (g *Gateway) follow(ctx context.Context) {
	for ctx.Err() == nil {
		if err := g.followHeads(ctx); err != nil && ctx.Err() == nil {
			g.log.Warn("follow the chain", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(resubscribeAfter):
		}
	}
}

func (g *Gateway) followHeads(ctx context.Context) error {
	heads, err := g.chain.Heads(ctx)
	if err != nil {
		return err
	}
	defer heads.Close()
	// Blocks may have been missed.
	g.jobs.wakeIf(func(r *Record) bool { return !r.finished() })
	for {
		header, err := heads.Next(ctx)
		if err != nil {
			return err
		}
		if g.jobs.idle() {
			continue
		}
		hash, err := header.Hash()
		if err != nil {
			return err
		}
		records, err := sdk.Get(ctx, g.chain.At(hash), system.Events)
		if err != nil {
			return fmt.Errorf("events of block %d: %w", header.Number, err)
		}
		for _, r := range records {
			g.react(r.Event.Event)
		}
	}
}

// react wakes the jobs that an event concerns: those of its file, or those
// that wait for space or permission.
func (g *Gateway) react(event any) {
	switch e := event.(type) {
	case filebank.UploadDeclarationEvent:
		g.jobs.wake(e.DealHash)
	case filebank.TransferReportEvent:
		g.jobs.wake(e.DealHash)
	case filebank.StorageCompletedEvent:
		g.jobs.wake(e.FileHash)
	case filebank.DeleteFileEvent:
		g.jobs.wake(e.FileHash)
		g.wakeFailed()
	case oss.AuthorizeEvent, storagehandler.MintTerritoryEvent, storagehandler.ExpansionTerritoryEvent,
		storagehandler.RenewalTerritoryEvent, storagehandler.ReactivateTerritoryEvent:
		g.wakeFailed()
	}
}

func (g *Gateway) wakeFailed() {
	g.jobs.wakeIf(func(r *Record) bool { return r.State == StateFailed })
}
