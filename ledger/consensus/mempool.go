package consensus

import (
	"context"

	abci "github.com/cometbft/cometbft/abci/types"
)

// CheckTx is CometBFT's RPC submitting a transaction; the RPC server of the
// ledger uses the pool directly.
func (a *app) CheckTx(ctx context.Context, req *abci.RequestCheckTx) (*abci.ResponseCheckTx, error) {
	if req.Type == abci.CheckTxType_Recheck {
		return &abci.ResponseCheckTx{Code: abci.CodeTypeOK}, nil
	}
	if _, err := a.pool.Submit(ctx, req.Tx); err != nil {
		return &abci.ResponseCheckTx{Code: 1, Log: err.Error()}, nil
	}
	return &abci.ResponseCheckTx{Code: abci.CodeTypeOK}, nil
}

// InsertTx takes a transaction from a peer. It must not wait: it runs on the
// goroutine that also receives the peer's votes.
func (a *app) InsertTx(_ context.Context, req *abci.RequestInsertTx) (*abci.ResponseInsertTx, error) {
	if !a.pool.Offer(req.Tx) {
		return &abci.ResponseInsertTx{Code: abci.CodeTypeRetry}, nil
	}
	return &abci.ResponseInsertTx{Code: abci.CodeTypeOK}, nil
}

// maxGossip bounds what one round of gossip sends, in bytes.
const maxGossip = 1 << 20

// ReapTxs lists transactions to send to peers.
func (a *app) ReapTxs(_ context.Context, req *abci.RequestReapTxs) (*abci.ResponseReapTxs, error) {
	limit := maxGossip
	if req.MaxBytes > 0 && req.MaxBytes < maxGossip {
		limit = int(req.MaxBytes)
	}
	return &abci.ResponseReapTxs{Txs: a.pool.Announce(limit)}, nil
}
