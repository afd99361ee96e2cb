package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/ledger/pallets/transactionpayment"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/metadata"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// outcome is what a block did with an extrinsic.
type outcome struct {
	Call      string         `json:"call"`
	Success   bool           `json:"success"`
	Error     string         `json:"error,omitempty"`
	Extrinsic substrate.H256 `json:"extrinsic"`
	Block     substrate.H256 `json:"block"`
	Number    uint32         `json:"number"`
	Index     uint32         `json:"index"`
	Fee       string         `json:"fee,omitempty"` // planck, tip included
	Events    []event        `json:"events"`
}

type event struct {
	Name   string `json:"event"`
	Fields any    `json:"fields"`
}

func (o *outcome) print(w io.Writer) {
	fmt.Fprintf(w, "Call\t%s\n", o.Call)
	if o.Success {
		fmt.Fprintf(w, "Result\tok\n")
	} else {
		fmt.Fprintf(w, "Result\tfailed: %s\n", o.Error)
	}
	fmt.Fprintf(w, "Extrinsic\t%v\nBlock\t%d, extrinsic %d, %v\n", o.Extrinsic, o.Number, o.Index, o.Block)
	if fee, err := scale.ParseU128(o.Fee); err == nil {
		fmt.Fprintf(w, "Fee\t%s\n", tokens(fee))
	}
	for i, e := range o.Events {
		title := ""
		if i == 0 {
			title = "Events"
		}
		fields := ""
		if e.Fields != nil {
			fields = valueText(e.Fields, "")
		}
		fmt.Fprintf(w, "%s\t%s %s\n", title, e.Name, fields)
	}
}

// outcome reads the extrinsic's events through metadata.
func (r *remote) outcome(ctx context.Context, receipt *sdk.Receipt) (*outcome, error) {
	o := &outcome{
		Extrinsic: receipt.Hash, Block: receipt.Block, Number: receipt.Number, Index: receipt.Index,
		Events: []event{},
	}
	if paid, ok := sdk.EventOf[transactionpayment.TransactionFeePaidEvent](receipt); ok {
		o.Fee = paid.ActualFee.String()
	}
	p, err := r.pallet("System")
	if err != nil {
		return nil, err
	}
	item, err := findItem(r.meta, p, "Events")
	if err != nil {
		return nil, err
	}
	key, err := item.key(nil)
	if err != nil {
		return nil, err
	}
	values, err := r.raw(ctx, receipt.Block, []hexText{key})
	if err != nil {
		return nil, err
	}
	records, err := r.meta.DecodeEvents(values[string(key)], format)
	if err != nil {
		return nil, err
	}
	for _, e := range records {
		if e.Extrinsic != nil && *e.Extrinsic == receipt.Index {
			o.Events = append(o.Events, event{e.Pallet + "." + e.Name, presentEvent(r.meta, e)})
		}
	}
	return o, nil
}

func presentEvent(m *metadata.Metadata, e metadata.Event) any {
	_, v, err := m.Event(e.Pallet, e.Name)
	if err != nil {
		return e.Fields
	}
	return presentFields(m, v.Fields, e.Fields)
}

// pollEvery is the pause between looks at the chain.
const pollEvery = 200 * time.Millisecond

// untilFinal waits until the block at a height is final.
func (r *remote) untilFinal(ctx context.Context, number uint32) error {
	for {
		var hash substrate.H256
		if err := r.RPC().Call(ctx, &hash, "chain_getFinalizedHead"); err != nil {
			return err
		}
		header, err := r.Header(ctx, &hash)
		if err != nil || header.Number >= number {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollEvery):
		}
	}
}

// runReady sends the transaction and shows its hash as soon as the pool has it.
func (t *transaction) runReady(cmd *cobra.Command) error {
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	ready := make(chan struct{}, 1)
	opts := append(t.opts[:len(t.opts):len(t.opts)], sdk.WithProgress(func(string) {
		select {
		case ready <- struct{}{}:
		default:
		}
	}))
	type end struct {
		receipt *sdk.Receipt
		err     error
	}
	done := make(chan end, 1)
	go func() {
		receipt, err := t.Submit(ctx, t.from, t.call.Call, opts...)
		done <- end{receipt, err}
	}()
	select {
	case <-ready:
		hash, err := t.pending(ctx)
		if err != nil || hash == "" {
			break // it may be in a block by now
		}
		cancel()
		<-done // it no longer watches; the extrinsic stays in the pool
		result := map[string]string{"extrinsic": hash, "status": waitReady}
		return show(cmd, result, func(w io.Writer) {
			fmt.Fprintf(w, "Extrinsic\t%s\nStatus\tin the pool; not yet in a block\n", hash)
		})
	case e := <-done:
		return t.finish(cmd, e.receipt, e.err)
	}
	e := <-done
	return t.finish(cmd, e.receipt, e.err)
}

// pending finds the transaction in the node's pool; "" if it is not there.
func (t *transaction) pending(ctx context.Context) (string, error) {
	var pool []hexText
	if err := t.RPC().Call(ctx, &pool, "author_pendingExtrinsics"); err != nil {
		return "", err
	}
	want, err := scale.Marshal(t.call)
	if err != nil {
		return "", err
	}
	for _, raw := range pool {
		x, err := runtime.DecodeExtrinsic(raw)
		if err != nil || x.Signature == nil {
			continue
		}
		call, err := scale.Marshal(x.Call)
		if err != nil || !bytes.Equal(call, want) {
			continue
		}
		if who, ok := x.Signature.Address.ID(); ok && who == sdk.Account(t.from) {
			return runtime.ExtrinsicHash(raw).String(), nil
		}
	}
	return "", nil
}
