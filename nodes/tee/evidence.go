package tee

import (
	"context"

	"github.com/gocess/gocess/ledger/pallets/attestation"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/pallets/timestamp"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// prove brings evidence for a registration to the chain, which remembers it for
// a while. It names the registration and a recent block, so that it cannot be
// kept for later.
func (w *Worker) prove(ctx context.Context, info teeworker.WorkerRegistrationInfo) error {
	var block substrate.H256
	if err := w.client.RPC().Call(ctx, &block, "chain_getBlockHash"); err != nil {
		return err
	}
	report, err := w.cfg.Attester.Report(ctx, reportData(info, block))
	if err != nil || report == nil {
		return err
	}
	_, err = w.client.Submit(ctx, w.cfg.Signer, attestation.SubmitEvidence{Report: report})
	return err
}

// reportData is what evidence of a worker names (pallet Attestation).
func reportData(info teeworker.WorkerRegistrationInfo, block substrate.H256) (data [64]byte) {
	hash := info.Hash()
	copy(data[:32], hash[:])
	copy(data[32:], block[:])
	return data
}

// chainSeconds is the chain's time, by which signing times are judged.
func (w *Worker) chainSeconds(ctx context.Context) (uint64, error) {
	millis, err := sdk.Get(ctx, w.client.Best(), timestamp.Now)
	return millis / 1000, err
}
