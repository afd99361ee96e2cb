package rpc

import (
	"context"
	"errors"

	"github.com/gocess/gocess/ledger/chain"
)

// changes calls put for each key whose value a block changed, in ascending
// order, with what it was and is; nil stands for none. Block 0 brought all
// there is. For a block that is no longer in memory all of the state is
// compared.
func (a *api) changes(ctx context.Context, number uint32, put func(key, was, is []byte) error) error {
	d := &storageDiff{api: a, block: number, before: number - 1}
	now, err := d.open(number)
	if err != nil {
		return err
	}
	defer now.Close()
	if number == 0 {
		var failed error
		err := scan(ctx, now, nil, nil, func(key, value []byte) bool {
			failed = put(key, nil, value)
			return failed == nil
		})
		return errors.Join(err, failed)
	}
	old, err := d.open(number - 1)
	if err != nil {
		return err
	}
	defer old.Close()
	return d.compare(ctx, old, now, put)
}

// compare calls put for what differs between the two states.
func (d *storageDiff) compare(ctx context.Context, old, now *chain.View, put func(key, was, is []byte) error) error {
	written, err := d.written()
	if err != nil {
		return err
	}
	compare := comparison(compareAll)
	if written != nil {
		compare = compareKeys(written)
	}
	var failed error
	seen := 0
	err = compare(&diffItem{}, old, now, func(key, was, is []byte) bool {
		if seen++; seen%256 == 0 {
			failed = ctx.Err()
		}
		if failed == nil && differ(was, is) {
			failed = put(key, was, is)
		}
		return failed == nil
	})
	return errors.Join(err, failed)
}
