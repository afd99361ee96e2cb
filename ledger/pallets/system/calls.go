package system

import (
	"encoding/binary"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
)

// Remark stores nothing: its bytes are on chain as part of the block.
type Remark struct {
	Remark []byte `type:"Vec<u8>"`
}

// Dispatch does nothing, for any origin.
func (c Remark) Dispatch(*runtime.Context, runtime.Origin) error { return nil }

// SetHeapPages sets `:heappages`; root.
type SetHeapPages struct {
	Pages uint64 `type:"u64"`
}

// Dispatch stores the number; this runtime does not use it.
func (c SetHeapPages) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	ctx.Put([]byte(":heappages"), binary.LittleEndian.AppendUint64(nil, c.Pages))
	return nil
}

// SetStorage writes raw keys; root.
type SetStorage struct {
	Items []KeyValue `type:"Vec<KeyValue>"`
}

// Dispatch writes the pairs in order.
func (c SetStorage) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	for _, kv := range c.Items {
		ctx.Put(kv.Key, kv.Value)
	}
	return nil
}

// KillStorage removes raw keys; root.
type KillStorage struct {
	Keys [][]byte `type:"Vec<Key>"`
}

// Dispatch removes the keys.
func (c KillStorage) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	for _, key := range c.Keys {
		ctx.Delete(key)
	}
	return nil
}

// KillPrefix removes up to Subkeys keys under Prefix; root.
type KillPrefix struct {
	Prefix  []byte `type:"Key"`
	Subkeys uint32 `type:"u32"`
}

// Dispatch removes the first Subkeys keys in key order.
func (c KillPrefix) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	if c.Subkeys == 0 {
		return nil
	}
	var keys [][]byte
	ctx.Scan(c.Prefix, nil, func(key, _ []byte) bool {
		keys = append(keys, key)
		return uint64(len(keys)) < uint64(c.Subkeys)
	})
	for _, key := range keys {
		ctx.Delete(key)
	}
	return nil
}

// RemarkWithEvent is Remark with a Remarked event of the hash.
type RemarkWithEvent struct {
	Remark []byte `type:"Vec<u8>"`
}

// Dispatch emits Remarked with the blake2-256 of the remark.
func (c RemarkWithEvent) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	ctx.Emit(RemarkedEvent{Sender: who, Hash: crypto.Blake2b256(c.Remark)})
	return nil
}
